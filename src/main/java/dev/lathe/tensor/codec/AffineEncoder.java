package dev.lathe.tensor.codec;

/** Q4_1 and Q5_1: a minimum, and a scale by which the integers from zero up reach the maximum. */
final class AffineEncoder implements BlockEncoder {
    private static final int SIZE = 32;

    private final BlockLayout layout;
    private final byte[] codes = new byte[SIZE];

    AffineEncoder(BlockLayout layout) {
        this.layout = layout;
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        float minimum = Float.MAX_VALUE;
        float maximum = -Float.MAX_VALUE;
        for (int i = 0; i < SIZE; i++) {
            minimum = Math.min(minimum, source[from + i]);
            maximum = Math.max(maximum, source[from + i]);
        }
        int last = layout.lastCode();
        minimum = LittleEndian.saturated(minimum);
        float scale = LittleEndian.saturated((maximum - minimum) / last);
        float inverse = SymmetricEncoder.inverse(scale);
        for (int i = 0; i < SIZE; i++) {
            codes[i] = (byte) Math.clamp((int) ((source[from + i] - minimum) * inverse + 0.5f), 0, last);
        }
        LittleEndian.setHalf(target, at, scale);
        LittleEndian.setHalf(target, at + 2, minimum);
        layout.writeCodes(codes, target, at);
    }
}
