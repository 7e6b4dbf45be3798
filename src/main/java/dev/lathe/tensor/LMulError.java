package dev.lathe.tensor;

import dev.lathe.tensor.kernel.LMul;

/**
 * How far products by L-Mul are from exact ones, over all pairs of fractions. Errors are relative to the exact product of
 * the same rounded operands.
 *
 * @param mantissaBits of the operands
 * @param mean mean error: what does not average out in a sum
 * @param rootMeanSquare root of the mean squared error
 * @param least the most negative error
 * @param most the most positive error
 */
public record LMulError(int mantissaBits, double mean, double rootMeanSquare, double least, double most) {
    private static final int GRID_BITS = 10;

    /**
     * Measures a width: every pair of fractions up to 10 bits, of wider ones the pairs on a grid of 10 bits.
     *
     * @param mantissaBits from 1 to 16
     */
    public static LMulError of(int mantissaBits) {
        LMul lMul = new LMul(mantissaBits);
        int fractions = 1 << Math.min(mantissaBits, GRID_BITS);
        double sum = 0;
        double squares = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < fractions; i++) {
            float x = 1 + (float) i / fractions;
            for (int j = 0; j < fractions; j++) {
                float y = 1 + (float) j / fractions;
                double exact = (double) x * y;
                double error = (lMul.multiply(x, y) - exact) / exact;
                sum += error;
                squares += error * error;
                least = Math.min(least, error);
                most = Math.max(most, error);
            }
        }
        double pairs = (double) fractions * fractions;
        return new LMulError(mantissaBits, sum / pairs, Math.sqrt(squares / pairs), least, most);
    }
}
