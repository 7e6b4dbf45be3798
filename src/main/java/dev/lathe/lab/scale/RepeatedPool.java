package dev.lathe.lab.scale;

import java.util.Comparator;
import java.util.List;

/**
 * A pool of texts that loses its use as it is seen again: the first time through, the loss falls with the samples seen as
 * {@code n^-utility}; each time after it the exponent is halved once in {@code halfLife} times. So the best pool is small
 * and clean where few samples will be seen, and larger and less clean where many will be.
 *
 * <p>Goyal et al.: Scaling Laws for Data Filtering: Data Curation Cannot Be Compute Agnostic, 2024, arXiv:2404.07177,
 * section 4.
 *
 * @param name what it is called
 * @param size samples in it
 * @param utility exponent of the first time through, above 0
 * @param halfLife times through after which the utility is half, above 0
 */
public record RepeatedPool(String name, long size, double utility, double halfLife) {
    /** Checks the numbers. */
    public RepeatedPool {
        if (size < 1 || !(utility > 0) || !(halfLife > 0)) {
            throw new IllegalArgumentException("pool " + name + " of " + size + " samples, utility " + utility
                    + ", half-life " + halfLife + ": expected numbers above 0");
        }
    }

    /**
     * The loss that can still be lowered, after so many samples, as a share of what one sample leaves: 1 at one sample,
     * and never rising.
     *
     * @param samples seen in all, at least 1
     */
    public double lossAfter(double samples) {
        double logLoss = 0;
        double seen = 1;
        double exponent = utility;
        for (double end = size; seen < samples; end += size) {
            double until = Math.min(samples, Math.max(end, seen));
            logLoss -= exponent * Math.log(until / seen);
            seen = until;
            exponent *= Math.pow(0.5, 1 / halfLife);
        }
        return Math.exp(logLoss);
    }

    /** The pool that leaves the least loss after so many samples; the first of equals. */
    public static RepeatedPool best(List<RepeatedPool> pools, double samples) {
        return pools.stream()
                .min(Comparator.comparingDouble(pool -> pool.lossAfter(samples)))
                .orElseThrow(() -> new IllegalArgumentException("no pools: expected at least one"));
    }
}
