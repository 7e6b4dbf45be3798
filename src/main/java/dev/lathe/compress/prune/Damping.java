package dev.lathe.compress.prune;

/** Shares of the mean of a Gram matrix's diagonal that are added to it: see {@link dev.lathe.compress.GramMatrix#damped}. */
final class Damping {
    /** SparseGPT's. */
    static final double PRUNING = 0.01;

    /** A share that keeps float64 solutions stable and hardly moves them. */
    static final double FITTING = 1e-5;

    private Damping() {}
}
