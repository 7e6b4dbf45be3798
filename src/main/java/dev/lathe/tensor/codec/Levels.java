package dev.lathe.tensor.codec;

import dev.lathe.tensor.kernel.IntegerPlane;

/** The levels of formats whose codes are no plain integers, as floats. */
final class Levels {
    private Levels() {}

    /** IQ4_NL and IQ4_XS: closer together near zero, where weights are dense. */
    static float[] nonlinear() {
        return of(IntegerPlane.NONLINEAR_FOUR);
    }

    /** Twice the numbers of four bits with two of exponent and one of mantissa: MXFP4 and NVFP4. */
    static float[] fourBitFloats() {
        return of(IntegerPlane.FLOAT_FOUR);
    }

    private static float[] of(IntegerPlane plane) {
        float[] levels = new float[1 << plane.bits()];
        for (int code = 0; code < levels.length; code++) {
            levels[code] = plane.integer(code) - plane.center();
        }
        return levels;
    }
}
