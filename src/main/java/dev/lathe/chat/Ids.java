package dev.lathe.chat;

/** Ids of calls: letters and digits that follow from a number, so that the same conversation has the same ones. */
final class Ids {
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private Ids() {}

    static String of(long seed, int length) {
        StringBuilder id = new StringBuilder();
        long bits = mix(seed);
        for (int i = 0; i < length; i++) {
            id.append(DIGITS.charAt((int) Long.remainderUnsigned(bits, DIGITS.length())));
            bits = Long.divideUnsigned(bits, DIGITS.length());
        }
        return id.toString();
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
    private static long mix(long seed) {
        long z = seed + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
