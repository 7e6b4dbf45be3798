package dev.lathe.decode.sampling;

/**
 * Nearly exp(x) for x up to 0, several times as fast as {@link StrictMath#exp}: what tells for most tokens that the
 * exact exponential is not needed. What is chosen depends on it in no other way; summaries of rows are made of it.
 */
final class ExponentialEstimate {
    /**
     * How far a sum of estimates may be from that of the exact exponentials, as a share of it, where one of them is
     * exp(0): the polynomial leaves out less than (1/64)^4 / 24, what is taken for zero is below exp(-40) each, and
     * rounding adds less than a unit in the last place for each of up to ten million numbers.
     */
    static final double ERROR = 1e-8;

    private static final int STEPS = 64; // in the table, a unit
    private static final double[] TABLE = new double[40 * STEPS];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            TABLE[i] = StrictMath.exp(-i / (double) STEPS);
        }
    }

    private ExponentialEstimate() {}

    static double of(double x) {
        double steps = x * -STEPS;
        int whole = (int) steps;
        if (whole >= TABLE.length) {
            return 0;
        }
        double rest = (whole - steps) / STEPS; // in (-1/64, 0]
        return TABLE[whole] * (1 + rest * (1 + rest * (0.5 + rest * (1 / 6.0))));
    }
}
