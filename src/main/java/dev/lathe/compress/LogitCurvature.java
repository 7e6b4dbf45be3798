package dev.lathe.compress;

import dev.lathe.tensor.FloatMatrix;

/**
 * How far changed logits are from others in second order: half the variance of the change under the probabilities of the
 * others, which is their Kullback-Leibler divergence for small changes. Needs one exponential for each logit of the base,
 * however many changes are measured.
 */
public final class LogitCurvature {
    private final FloatMatrix base;
    private final double[] probabilities; // [rows x columns]

    /** For the logits that changed ones are compared with. */
    public LogitCurvature(FloatMatrix base) {
        this.base = base;
        probabilities = new double[base.rows() * base.columns()];
        for (int row = 0; row < base.rows(); row++) {
            int offset = base.offset(row);
            float most = Float.NEGATIVE_INFINITY;
            for (int i = offset; i < offset + base.columns(); i++) {
                most = Math.max(most, base.data()[i]);
            }
            double sum = 0;
            for (int i = offset; i < offset + base.columns(); i++) {
                probabilities[i] = StrictMath.exp((double) base.data()[i] - most);
                sum += probabilities[i];
            }
            for (int i = offset; i < offset + base.columns(); i++) {
                probabilities[i] /= sum;
            }
        }
    }

    /** The sum over all rows, in nats. */
    public double of(FloatMatrix changed) {
        double total = 0;
        for (int row = 0; row < base.rows(); row++) {
            int offset = base.offset(row);
            double mean = 0;
            double square = 0;
            for (int i = offset; i < offset + base.columns(); i++) {
                double change = (double) changed.data()[i] - base.data()[i];
                mean += probabilities[i] * change;
                square += probabilities[i] * change * change;
            }
            total += (square - mean * mean) / 2;
        }
        return total;
    }
}
