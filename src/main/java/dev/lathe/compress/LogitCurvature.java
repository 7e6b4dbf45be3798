package dev.lathe.compress;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Softmax;

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
        double[] weights = new double[base.columns()];
        for (int row = 0; row < base.rows(); row++) {
            double sum = Softmax.weigh(base.data(), base.offset(row), base.columns(), 1, weights);
            for (int column = 0; column < weights.length; column++) {
                probabilities[base.offset(row) + column] = weights[column] / sum;
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
