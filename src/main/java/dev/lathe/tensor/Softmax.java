package dev.lathe.tensor;

/**
 * The exponentials of a row of logits, in double precision and in the order of the row: stable, since the largest becomes
 * 1. For choosing and measuring; what a model computes with is float32.
 */
public final class Softmax {
    private Softmax() {}

    /**
     * Weights exp((logit - largest) / temperature), which their sum turns into probabilities.
     *
     * @param logits numbers of which one at least is above minus infinity
     * @param weights where they go, from index 0 on
     * @return the sum of the weights
     */
    public static double weigh(float[] logits, int offset, int count, double temperature, double[] weights) {
        float largest = largest(logits, offset, count);
        double total = 0;
        for (int i = 0; i < count; i++) {
            weights[i] = StrictMath.exp(((double) logits[offset + i] - largest) / temperature);
            total += weights[i];
        }
        return total;
    }

    /** log sum exp of a row: what to subtract from a logit to get its log-probability. */
    public static double logSumExp(float[] logits, int offset, int count) {
        float largest = largest(logits, offset, count);
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += StrictMath.exp((double) logits[offset + i] - largest);
        }
        return largest + StrictMath.log(total);
    }

    /** The largest of the logits. */
    public static float largest(float[] logits, int offset, int count) {
        float largest = logits[offset];
        for (int i = 1; i < count; i++) {
            largest = Math.max(largest, logits[offset + i]);
        }
        return largest;
    }
}
