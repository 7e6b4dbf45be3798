package dev.lathe.tensor.kernel;

/**
 * The exact GELU, x/2 (1 + erf(x / sqrt(2))), of many floats.
 *
 * <p>erf(z) = z P(z^2) / Q(z^2) up to {@value #LIMIT}, where it is 1 to float32; the coefficients are a minimax fit to the function in
 * float64, which it meets to 2e-9. Plain float64 arithmetic in loops that compilers turn into vectors: the same bits everywhere, and
 * within 1e-8 of x.
 */
public final class ErrorFunction {
    private static final int BLOCK = 256;
    private static final double LIMIT = 4.2;
    private static final double ROOT_HALF = 0.7071067811865476;
    private static final double UP_TO_ONE = 1 + 6e-9; // so that the limit gives 1, whatever the fit's error there

    private static final double P0 = 1.1283791836039616;
    private static final double P1 = 0.18467686651240212;
    private static final double P2 = 0.05438103447847814;
    private static final double P3 = 0.0038449882582899386;
    private static final double P4 = 0.00038496935099601327;
    private static final double P5 = 4.842403567435084e-06;
    private static final double P6 = -1.3985938616377977e-08;
    private static final double Q1 = 0.4969991765472269;
    private static final double Q2 = 0.11385926950251159;
    private static final double Q3 = 0.015472462212440075;
    private static final double Q4 = 0.0013137425521328797;
    private static final double Q5 = 6.459431484517602e-05;

    private ErrorFunction() {}

    /** {@code output = gelu(gate) * up}; the three may be the same. */
    static void geluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        double[] values = new double[Math.min(BLOCK, size)];
        for (int from = 0; from < size; from += BLOCK) {
            int count = Math.min(BLOCK, size - from);
            int source = gateOffset + from;
            for (int i = 0; i < count; i++) {
                values[i] = gate[source + i];
            }
            gelu(values, count);
            for (int i = 0; i < count; i++) {
                output[outputOffset + from + i] = (float) values[i] * up[upOffset + from + i];
            }
        }
    }

    /** Replaces numbers by their GELU. */
    static void gelu(double[] values, int count) {
        for (int i = 0; i < count; i++) {
            double x = values[i];
            double z = Math.max(-LIMIT, Math.min(LIMIT, x * ROOT_HALF));
            double t = z * z;
            double p = P0 + t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * (P5 + t * P6)))));
            double q = 1 + t * (Q1 + t * (Q2 + t * (Q3 + t * (Q4 + t * Q5))));
            double erf = Math.max(-1, Math.min(1, z * p / q * UP_TO_ONE));
            values[i] = 0.5 * x * (1 + erf);
        }
    }
}
