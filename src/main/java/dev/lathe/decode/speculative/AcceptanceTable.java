package dev.lathe.decode.speculative;

/**
 * How often a draft's tokens were accepted, by their rank among the tokens drafted at one place, and by how far their
 * logit was from the best other one's. Old results fade.
 */
final class AcceptanceTable {
    static final int RANKS = 4;

    private static final double[] GAPS = {0.25, 0.5, 1, 2, 4, 8};
    private static final double PRIOR = 0.6;
    private static final double PRIOR_WEIGHT = 4;

    /** By rank and class of distance: what to expect of a decent draft before it is known. */
    private static final double[][] PRIORS = {
        {0.45, 0.5, 0.55, 0.65, 0.8, 0.92, 0.97},
        {0.3, 0.28, 0.25, 0.15, 0.08, 0.04, 0.02},
        {0.12, 0.1, 0.08, 0.05, 0.03, 0.02, 0.01},
        {0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005}
    };

    private static final double FADING = 0.995;

    private final double[][] tried = new double[RANKS][GAPS.length + 1];
    private final double[][] accepted = new double[RANKS][GAPS.length + 1];

    /** The class of a distance between logits. */
    static int gapClass(double gap) {
        int index = 0;
        while (index < GAPS.length && gap >= GAPS[index]) {
            index++;
        }
        return index;
    }

    void observe(int rank, int gapClass, boolean wasAccepted) {
        tried[rank][gapClass] = FADING * tried[rank][gapClass] + 1;
        accepted[rank][gapClass] = FADING * accepted[rank][gapClass] + (wasAccepted ? 1 : 0);
    }

    /** The probability that such a token is accepted; below 1. */
    double probability(int rank, int gapClass) {
        return estimate(PRIORS[rank][gapClass], accepted[rank][gapClass], tried[rank][gapClass]);
    }

    /** The probability that the first token drafted at a place is accepted, not knowing more. */
    double probability() {
        return estimate(PRIOR, sum(accepted[0]), sum(tried[0]));
    }

    /** The same, above by its standard error: so that a draft is not given up for a few unlucky tokens. */
    double hopefulProbability() {
        double probability = probability();
        return probability + Math.sqrt(probability * (1 - probability) / (sum(tried[0]) + PRIOR_WEIGHT));
    }

    private static double sum(double... byGapClass) {
        double sum = 0;
        for (double value : byGapClass) {
            sum += value;
        }
        return sum;
    }

    private static double estimate(double prior, double accepted, double tried) {
        return (accepted + PRIOR_WEIGHT * prior) / (tried + PRIOR_WEIGHT);
    }
}
