package dev.lathe.tensor.codec;

/** The levels of formats whose codes are no plain integers; from the ggml project (MIT licence). */
final class Levels {
    private Levels() {}

    /** IQ4_NL and IQ4_XS: closer together near zero, where weights are dense. */
    static float[] nonlinear() {
        return new float[] {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    }

    /** Twice the numbers of four bits with two of exponent and one of mantissa: MXFP4 and NVFP4. */
    static float[] fourBitFloats() {
        return new float[] {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    }
}
