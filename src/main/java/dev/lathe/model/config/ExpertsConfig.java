package dev.lathe.model.config;

/**
 * How the experts of a layer are chosen and weighted. Shazeer et al., "Outrageously Large Neural Networks", 2017, arXiv
 * 1701.06538, section 2.
 *
 * @param count experts
 * @param used how many of them each token takes
 * @param scoring what makes weights of the router's outputs
 * @param normalized whether the weights of those chosen are divided by their sum
 * @param scale factor of the weights
 * @param groupCount groups of neighbouring experts, of which the best are looked at first; 1 for none
 * @param usedGroups how many groups
 * @param sharedSize inner length of the expert that every token takes; 0 for none
 * @param sharedGate whether each token weights that one
 * @param weightsInputs whether weights multiply what experts read, not what they give
 */
public record ExpertsConfig(
        int count,
        int used,
        Scoring scoring,
        boolean normalized,
        float scale,
        int groupCount,
        int usedGroups,
        int sharedSize,
        boolean sharedGate,
        boolean weightsInputs) {
    /** What makes weights of the router's outputs. */
    public enum Scoring {
        /** Softmax over all experts. */
        SOFTMAX,
        /** Sigmoid of each; a bias may take part in choosing, but not in weighting. */
        SIGMOID,
        /** The largest outputs are chosen, then softmax over them. */
        SOFTMAX_OF_CHOSEN,
        /** The largest outputs are chosen, then the sigmoid of each. */
        SIGMOID_OF_CHOSEN
    }

    /** The same, whose weights multiply what experts read. */
    public ExpertsConfig withWeightedInputs() {
        return new ExpertsConfig(
                count, used, scoring, normalized, scale, groupCount, usedGroups, sharedSize, sharedGate, true);
    }

    private static final int MAX_COUNT = 4096;

    /** Checks the numbers. */
    public ExpertsConfig {
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException("number of experts must be from 1 to " + MAX_COUNT + ", got " + count);
        }
        if (used < 1 || used > count) {
            throw new IllegalArgumentException(
                    "number of experts used must be from 1 to the " + count + " there are, got " + used);
        }
        Checks.positive("scale of experts", scale);
        if (groupCount < 1 || count % groupCount != 0 || usedGroups < 1 || usedGroups > groupCount) {
            throw new IllegalArgumentException(
                    count + " experts cannot be in " + groupCount + " groups of which " + usedGroups + " are used");
        }
        if (used > count / groupCount * usedGroups) {
            throw new IllegalArgumentException(
                    used + " experts cannot be chosen from " + usedGroups + " groups of " + count / groupCount);
        }
        if (sharedSize < 0) {
            throw new IllegalArgumentException("size of the shared expert must not be negative, got " + sharedSize);
        }
    }
}
