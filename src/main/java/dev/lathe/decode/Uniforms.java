package dev.lathe.decode;

/**
 * Random numbers by index: the number at an index is a function of the seed and the index alone, so a token's number is
 * the same however many tokens a strategy tries, takes back or computes at once.
 *
 * <p>Number {@code i} is output {@code i} of SplitMix64 started at the seed (Steele, Lea, Flood: Fast Splittable
 * Pseudorandom Number Generators, 2014), its upper 53 bits as a double: the same as call {@code i + 1} of {@code
 * new java.util.SplittableRandom(seed).nextDouble()}. Immutable and thread-safe.
 *
 * @param seed any number
 */
public record Uniforms(long seed) {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long STREAM_GAMMA = 0xD1342543DE82EF95L;

    /** The uniform number in {@code [0, 1)} at an index. */
    public double at(long index) {
        return (mix(seed + (index + 1) * GOLDEN_GAMMA) >>> 11) * 0x1.0p-53;
    }

    /** A stream of its own, for a purpose with this number: drafts, acceptance tests, one of several samples. */
    public Uniforms derived(long number) {
        return new Uniforms(mix(mix(seed) + (number + 1) * STREAM_GAMMA));
    }

    private static long mix(long bits) {
        bits = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
        return bits ^ (bits >>> 31);
    }
}
