package dev.lathe.tensor.codec;

/**
 * MXFP4: a power of two for 32 numbers of four bits. The power is that which brings the largest magnitude into the levels'
 * last octave; with importances, its neighbours are tried as well.
 *
 * <p>Open Compute Project, Microscaling Formats (MX) Specification 1.0, 2023, section 6.3.
 */
final class Mxfp4Encoder implements BlockEncoder {
    private static final int SIZE = 32;
    private static final int GREATEST_EXPONENT = 254;

    private final BlockLayout layout;
    private final byte[] codes = new byte[SIZE];

    Mxfp4Encoder(BlockLayout layout) {
        this.layout = layout;
    }

    /** What the levels are multiplied with: half the power of two, since they are doubled. */
    static float scale(int exponent) {
        return exponent < 2 ? Float.intBitsToFloat(0x00200000 << exponent) : Float.intBitsToFloat(exponent - 1 << 23);
    }

    /** The upper 16 bits of that float: the lower ones are zero. */
    static int scaleBits(int exponent) {
        return Float.floatToRawIntBits(scale(exponent)) >>> 16;
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        float greatest = 0;
        for (int i = 0; i < SIZE; i++) {
            greatest = Math.max(greatest, Math.abs(source[from + i]));
        }
        int exponent = greatest == 0 ? 0 : Math.clamp(floorLog2(greatest) - 2 + 127, 0, GREATEST_EXPONENT);
        if (importances != null) {
            exponent = best(exponent, source, from, importances, importanceFrom);
        }
        assign(source, from, scale(exponent));
        target[at] = (byte) exponent;
        layout.writeCodes(codes, target, at);
    }

    private int best(int plain, float[] source, int from, float[] importances, int importanceFrom) {
        int best = plain;
        double bestError = error(plain, source, from, importances, importanceFrom);
        for (int exponent = Math.max(0, plain - 2); exponent <= Math.min(GREATEST_EXPONENT, plain + 1); exponent++) {
            double error = error(exponent, source, from, importances, importanceFrom);
            if (error < bestError) {
                best = exponent;
                bestError = error;
            }
        }
        return best;
    }

    private double error(int exponent, float[] source, int from, float[] importances, int importanceFrom) {
        float scale = scale(exponent);
        assign(source, from, scale);
        double error = 0;
        for (int i = 0; i < SIZE; i++) {
            double difference = (double) source[from + i] - layout.levels()[codes[i]] * scale;
            error += importances[importanceFrom + i] * difference * difference;
        }
        return error;
    }

    /** The nearest level of each element; of two that are as near, the smaller. */
    private void assign(float[] source, int from, float scale) {
        for (int i = 0; i < SIZE; i++) {
            float value = source[from + i];
            float magnitude = Math.abs(value);
            int code = (magnitude > 0.5f * scale ? 1 : 0)
                    + (magnitude > 1.5f * scale ? 1 : 0)
                    + (magnitude > 2.5f * scale ? 1 : 0)
                    + (magnitude > 3.5f * scale ? 1 : 0)
                    + (magnitude > 5 * scale ? 1 : 0)
                    + (magnitude > 7 * scale ? 1 : 0)
                    + (magnitude > 10 * scale ? 1 : 0);
            codes[i] = (byte) (value < 0 && code > 0 ? code + 8 : code);
        }
    }

    private static int floorLog2(float positive) {
        return positive >= Float.MIN_NORMAL
                ? Math.getExponent(positive)
                : 31 - Integer.numberOfLeadingZeros(Float.floatToRawIntBits(positive)) - 149;
    }
}
