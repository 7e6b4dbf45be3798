package dev.lathe.measure;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Softmax;

/**
 * The logarithms of a row of logits' probabilities, in double and in one fixed order.
 *
 * @param logits rows of logits, [rows x vocabulary]
 * @param row which one
 * @param logNormalizer what is subtracted from each
 */
public record LogSoftmax(FloatMatrix logits, int row, double logNormalizer) {
    /** Of one row. */
    public static LogSoftmax of(FloatMatrix logits, int row) {
        return new LogSoftmax(logits, row, Softmax.logSumExp(logits.data(), logits.offset(row), logits.columns()));
    }

    /** The logarithm of a token's probability. */
    public double of(int token) {
        return logits.get(row, token) - logNormalizer;
    }

    /** The most probable token; of equals the first. */
    public int top() {
        int best = 0;
        for (int token = 1; token < logits.columns(); token++) {
            if (logits.get(row, token) > logits.get(row, best)) {
                best = token;
            }
        }
        return best;
    }

    /** Kullback-Leibler divergence of another distribution from this one, in nats: sum of p (log p - log q). */
    public double divergence(LogSoftmax other) {
        double sum = 0;
        for (int token = 0; token < logits.columns(); token++) {
            double logProbability = of(token);
            double probability = StrictMath.exp(logProbability);
            if (probability > 0) {
                sum += probability * (logProbability - other.of(token));
            }
        }
        return sum;
    }
}
