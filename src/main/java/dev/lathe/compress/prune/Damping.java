package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;

/** Makes Gram matrices safely invertible. */
final class Damping {
    /** SparseGPT's share of the mean of the diagonal. */
    static final double PRUNING = 0.01;

    /** A share that keeps float64 solutions stable and hardly moves them. */
    static final double FITTING = 1e-5;

    private Damping() {}

    /** What is added to the diagonal: a share of its mean, and 1 where all inputs are zero. */
    private static double of(double[] gram, int size, double share) {
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += gram[i * size + i];
        }
        return trace > 0 ? share * trace / size : 1;
    }

    /** A damped copy, [size x size]. */
    static double[] damped(GramMatrix gram, double share) {
        double[] result = gram.toArray();
        double damping = of(result, gram.size(), share);
        for (int i = 0; i < gram.size(); i++) {
            result[i * gram.size() + i] += damping;
        }
        return result;
    }
}
