package dev.lathe.tensor.kernel;

/**
 * The exponential function on floats, and the constants that its vector twin shares.
 *
 * <p>exp(x) = 2^n exp(r) with n = round(x / ln 2), |r| &lt;= ln(2)/2, and a polynomial 1 + r + r^2 q(r) of degree 6
 * fitted in the Chebyshev points; 2^n is applied in two steps so that subnormal results are rounded once. Error at
 * most 1 ulp, tested over the whole range; overflow gives infinity, underflow zero, NaN stays NaN.
 */
public final class Exponential {
    /** Below this the result rounds to zero, above {@link #MAXIMUM} to infinity. */
    public static final float MINIMUM = -104f;

    public static final float MAXIMUM = 89f;

    /** Adding it to a small float leaves the nearest integer in the low bits. */
    public static final float ROUNDER = 0x1.8p23f;

    public static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
    public static final float LOG2_E = 0x1.715476p0f;
    public static final float LN2_HIGH = 0x1.62e43p-1f;
    public static final float LN2_LOW = -0x1.05c61p-29f;
    public static final float Q0 = 0x1.0p-1f;
    public static final float Q1 = 0x1.5554dcp-3f;
    public static final float Q2 = 0x1.5554eap-5f;
    public static final float Q3 = 0x1.120b74p-7f;
    public static final float Q4 = 0x1.6d4328p-10f;
    public static final int EXPONENT_BIAS = 127;
    public static final int MANTISSA_BITS = 23;

    private Exponential() {}

    public static float exp(float value) {
        float x = value < MINIMUM ? MINIMUM : value;
        x = x > MAXIMUM ? MAXIMUM : x;
        float rounded = Math.fma(x, LOG2_E, ROUNDER);
        float n = rounded - ROUNDER;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
        float q = Math.fma(Math.fma(Math.fma(Math.fma(Q4, r, Q3), r, Q2), r, Q1), r, Q0);
        float p = Math.fma(Math.fma(q, r, 1f), r, 1f);
        int exponent = Float.floatToRawIntBits(rounded) - ROUNDER_BITS;
        int first = exponent >> 1;
        return p * powerOfTwo(first) * powerOfTwo(exponent - first);
    }

    private static float powerOfTwo(int exponent) {
        return Float.intBitsToFloat((exponent + EXPONENT_BIAS) << MANTISSA_BITS);
    }

    /** exp(x) - 1 - x up to 0; near 0 by its series, where the difference has no digits. */
    public static float aboveTangent(float x) {
        if (x < -0.5f) {
            return exp(x) - 1f - x;
        }
        float series = 1f / 5040 + x * (1f / 40_320);
        series = 1f / 120 + x * (1f / 720 + x * series);
        return x * x * (1f / 2 + x * (1f / 6 + x * (1f / 24 + x * series)));
    }

    /** silu(x) = x / (1 + exp(-x)). */
    public static float silu(float x) {
        return x / (1f + exp(-x));
    }

    /** -2 sqrt(2/pi) and its product with 0.044715: gelu(x) = x / (1 + exp(x (A + B x^2))). */
    public static final float GELU_A = -1.5957691216057308f;

    public static final float GELU_B = -0.07135481282550348f;

    public static float gelu(float x) {
        return x / (1f + exp(x * Math.fma(x * x, GELU_B, GELU_A)));
    }
}
