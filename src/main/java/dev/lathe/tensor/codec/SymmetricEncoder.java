package dev.lathe.tensor.codec;

/**
 * Q4_0 and Q5_0: one scale, and integers of which the lowest is one greater in magnitude than the highest. The element of the
 * largest magnitude becomes that lowest integer, so the scale may be negative.
 */
final class SymmetricEncoder implements BlockEncoder {
    private static final int SIZE = 32;

    private final BlockLayout layout;
    private final int lowest;
    private final byte[] codes = new byte[SIZE];

    SymmetricEncoder(BlockLayout layout) {
        this.layout = layout;
        this.lowest = (int) layout.levels()[0];
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        float greatest = 0;
        for (int i = 0; i < SIZE; i++) {
            float value = source[from + i];
            greatest = Math.abs(value) > Math.abs(greatest) ? value : greatest;
        }
        float scale = LittleEndian.saturated(greatest / lowest);
        float inverse = inverse(scale);
        float shift = scale != 0 && inverse == 0 ? 0 : 0.5f - lowest; // ggml's codes
        int last = -2 * lowest - 1;
        for (int i = 0; i < SIZE; i++) {
            codes[i] = (byte) Math.clamp((int) (source[from + i] * inverse + shift), 0, last);
        }
        LittleEndian.setHalf(target, at, scale);
        layout.writeCodes(codes, target, at);
    }

    /** One over a scale; zero where that would overflow, since a scale that small is zero in 16 bits. */
    static float inverse(float scale) {
        float inverse = 1 / scale;
        return Float.isInfinite(inverse) ? 0 : inverse;
    }
}
