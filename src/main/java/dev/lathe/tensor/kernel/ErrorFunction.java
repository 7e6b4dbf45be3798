package dev.lathe.tensor.kernel;

/**
 * The Gaussian error function on floats, and the exact GELU made of it.
 *
 * <p>Small arguments by the power series 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1)), large ones by the continued fraction of the
 * complement, both in float64 with {@code StrictMath}: the same bits everywhere, correct to float32.
 */
public final class ErrorFunction {
    private static final double ROOT_HALF = Math.sqrt(0.5);
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
    private static final double SERIES_LIMIT = 2;
    private static final double ONE_LIMIT = 6;
    private static final int SERIES_TERMS = 32;
    private static final int FRACTION_TERMS = 40;

    private ErrorFunction() {}

    /** x/2 (1 + erf(x / sqrt(2))). */
    static float gelu(float x) {
        double z = x * ROOT_HALF;
        double normal = z < 0 ? complement(-z) : 2 - complement(z);
        return (float) (0.5 * x * normal);
    }

    /** 1 - erf(x) for x that is not negative. */
    static double complement(double x) {
        if (!(x <= ONE_LIMIT)) {
            return Double.isNaN(x) ? x : 0;
        }
        if (x < SERIES_LIMIT) {
            double term = x;
            double sum = x;
            for (int n = 1; n < SERIES_TERMS; n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 1 - TWO_OVER_ROOT_PI * sum;
        }
        double fraction = x;
        for (int n = FRACTION_TERMS; n > 0; n--) {
            fraction = x + 0.5 * n / fraction;
        }
        return StrictMath.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
    }
}
