package dev.lathe.lab.plan;

import java.util.List;

/**
 * What load the next period may bring, as a distribution, from the periods before it: its mean is a mixture of the last
 * period and of the same periods of earlier seasons, such as the same hours of earlier days; around it the load is
 * negative binomial, as a Poisson load is whose rate is itself uncertain. Mixture and spread are those that fit the past.
 * Immutable.
 *
 * <p>Quantiles of loads instead of means, after Li et al.: HARMONY, 2023; the size with the least expected cost is a
 * quantile (the newsvendor rule; DeGroot: Optimal Statistical Decisions, 1970).
 *
 * @param mean of the next load
 * @param dispersion how much the load varies more than a Poisson load: its variance is mean + dispersion * mean^2
 */
public record LoadForecast(double mean, double dispersion) {
    private static final int MOST = 10_000_000;
    private static final int MIXTURES = 20;
    private static final double FADING = 0.5;
    private static final double LEAST_MEAN = 0.05;

    /** Checks the numbers. */
    public LoadForecast {
        if (!(mean > 0 && mean < MOST && dispersion >= 0)) {
            throw new IllegalArgumentException("a load of mean " + mean + ", dispersion " + dispersion
                    + ": expected a mean above 0 and a dispersion of at least 0");
        }
    }

    /**
     * Forecasts the period that follows.
     *
     * @param history loads of past periods, newest last; two seasons or more
     * @param season periods of a season, such as 24 where a period is an hour; 1 for none
     * @throws IllegalArgumentException if the history is shorter, or a load is negative
     */
    public static LoadForecast of(List<Integer> history, int season) {
        if (season < 1
                || history.size() < 2 * season
                || history.size() < 4
                || history.stream().anyMatch(load -> load < 0)) {
            throw new IllegalArgumentException(history.size() + " periods of history, a season of " + season
                    + ": expected at least two seasons and four periods, and no negative load");
        }
        double best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= MIXTURES; i++) {
            double error = 0;
            for (int period = season; period < history.size(); period++) {
                double mean = mean(history, period, season, (double) i / MIXTURES);
                error += (history.get(period) - mean) * (history.get(period) - mean) / mean;
            }
            if (error < least) {
                least = error;
                best = (double) i / MIXTURES;
            }
        }
        double excess = 0;
        double squares = 0;
        for (int period = season; period < history.size(); period++) {
            double mean = mean(history, period, season, best);
            excess += (history.get(period) - mean) * (history.get(period) - mean) - mean;
            squares += mean * mean;
        }
        return new LoadForecast(mean(history, history.size(), season, best), Math.max(0, excess / squares));
    }

    /** Of a period, from those before it: the newest seasons count most. */
    private static double mean(List<Integer> history, int period, int season, double ofLast) {
        double sum = 0;
        double weights = 0;
        double weight = 1;
        for (int at = period - season; at >= 0; at -= season) {
            sum += weight * history.get(at);
            weights += weight;
            weight *= FADING;
        }
        return Math.max(LEAST_MEAN, ofLast * history.get(period - 1) + (1 - ofLast) * sum / weights);
    }

    /**
     * The smallest load that the next period does not exceed with a probability.
     *
     * @param probability above 0 and below 1
     */
    public int quantile(double probability) {
        if (!(probability > 0 && probability < 1)) {
            throw new IllegalArgumentException("probability " + probability + ": expected above 0 and below 1");
        }
        double logTerm = dispersion == 0 ? -mean : -Math.log1p(dispersion * mean) / dispersion;
        double sum = Math.exp(logTerm);
        int load = 0;
        while (sum < probability && load < MOST) {
            double ratio = (mean + dispersion * mean * load) / ((load + 1) * (1 + dispersion * mean));
            logTerm += Math.log(ratio);
            load++;
            sum += Math.exp(logTerm);
        }
        return load;
    }

    /**
     * The number of machines with the least expected cost.
     *
     * @param idleCost of a machine not needed, above 0
     * @param missCost of a machine that was needed and not there, above 0
     */
    public int poolSize(double idleCost, double missCost) {
        if (!(idleCost > 0 && missCost > 0)) {
            throw new IllegalArgumentException(
                    "idle cost " + idleCost + ", miss cost " + missCost + ": expected costs above 0");
        }
        return quantile(missCost / (missCost + idleCost));
    }
}
