package dev.lathe.lab.plan;

import java.util.List;

/**
 * How many machines to keep ready for a load that is known only by what it was: the number with the least expected
 * cost, when a machine too many costs something and a request too many costs something else.
 *
 * <p>The load of a period is Poisson, its rate unknown with a Gamma prior, so the next load is negative binomial: the
 * more history, the closer to Poisson. The best size is the quantile missCost / (missCost + idleCost) of it (the
 * newsvendor rule; DeGroot: Optimal Statistical Decisions, 1970).
 */
public final class PoolSize {
    private static final int MOST = 1_000_000;

    private PoolSize() {}

    /**
     * Chooses.
     *
     * @param history loads of past periods, in machines needed; newest and oldest count alike
     * @param idleCost cost of a machine not needed, above 0
     * @param missCost cost of a machine that was needed and not there, above 0
     * @return machines to keep ready
     */
    public static int choose(List<Integer> history, double idleCost, double missCost) {
        if (!(idleCost > 0 && missCost > 0) || history.stream().anyMatch(load -> load < 0)) {
            throw new IllegalArgumentException("idle cost " + idleCost + ", miss cost " + missCost + ", history "
                    + history + ": expected costs above 0 and no negative load");
        }
        return quantile(history, missCost / (missCost + idleCost));
    }

    /**
     * The smallest number that the next load does not exceed with a probability.
     *
     * @param probability above 0 and below 1
     */
    public static int quantile(List<Integer> history, double probability) {
        if (!(probability > 0 && probability < 1)) {
            throw new IllegalArgumentException("probability " + probability + ": expected above 0 and below 1");
        }
        double shape = 0.5 + history.stream().mapToLong(Integer::longValue).sum(); // Jeffreys' prior
        double periods = Math.max(1e-3, history.size());
        double next = 1 / (periods + 1); // share of the next period
        double logTerm = shape * Math.log(1 - next);
        double sum = Math.exp(logTerm);
        int load = 0;
        while (sum < probability && load < MOST) {
            logTerm += Math.log(next * (shape + load) / (load + 1));
            load++;
            sum += Math.exp(logTerm);
        }
        return load;
    }
}
