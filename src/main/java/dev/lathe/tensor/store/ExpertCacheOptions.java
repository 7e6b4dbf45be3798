package dev.lathe.tensor.store;

/**
 * Which experts of a mixture, or neurons of other models, are in memory under a limit on weights. Immutable; no choice changes
 * a bit of the results.
 *
 * @param eviction which expert leaves when another one is read
 * @param pinnedShare how much of the places is given for good to the experts that the first passes used most, 0 to
 *     below 1
 * @param prefetch whether the next layer's router is asked, on the residual stream as it is, which experts it will
 *     choose: they are read while this layer is computed. Eliseev and Mazur, "Fast Inference of Mixture-of-Experts
 *     Language Models with Offloading", 2023, arXiv 2312.17238, section 3.2
 * @param neurons whether neurons of feed-forward parts that are known to be inactive before all of their weights are needed
 *     are parts of their own: each is read when it is active, as experts are when they are chosen. Xue et al., "PowerInfer-2",
 *     2024, arXiv 2406.06282, section 4.4, calls what is read a bundle
 */
public record ExpertCacheOptions(Eviction eviction, double pinnedShare, boolean prefetch, boolean neurons) {
    /** Which expert leaves. */
    public enum Eviction {
        /** The one whose last use is the longest ago. */
        LEAST_RECENT,
        /** The one that was used least often; of equal ones the least recent. */
        LEAST_FREQUENT
    }

    /** The least recent leaves, none is pinned, none is read ahead. */
    public static final ExpertCacheOptions DEFAULT = new ExpertCacheOptions(Eviction.LEAST_RECENT, 0, false, false);

    /** Checks the share. */
    public ExpertCacheOptions {
        if (!(pinnedShare >= 0 && pinnedShare < 1)) {
            throw new IllegalArgumentException("pinnedShare is " + pinnedShare
                    + ": expected a share from 0 to below 1, some places must take turns");
        }
    }

    /** With another rule of eviction. */
    public ExpertCacheOptions eviction(Eviction value) {
        return new ExpertCacheOptions(value, pinnedShare, prefetch, neurons);
    }

    /** With a share of the places for the most used experts. */
    public ExpertCacheOptions pinnedShare(double value) {
        return new ExpertCacheOptions(eviction, value, prefetch, neurons);
    }

    /** With experts read ahead, or not. */
    public ExpertCacheOptions prefetch(boolean value) {
        return new ExpertCacheOptions(eviction, pinnedShare, value, neurons);
    }

    /** With neurons as parts of their own, or not. */
    public ExpertCacheOptions neurons(boolean value) {
        return new ExpertCacheOptions(eviction, pinnedShare, prefetch, value);
    }
}
