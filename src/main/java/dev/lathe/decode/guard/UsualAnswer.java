package dev.lathe.decode.guard;

/**
 * What answers of a kind usually are, and how far from it one can be called unusual.
 *
 * @param answers answers that this was learned from
 * @param meanTokens their mean length
 * @param deviationOfTokens the standard deviation of their lengths
 * @param longTokens a length that 99 of 100 of them do not exceed
 * @param meanEndLogProbability mean over answers of the mean over tokens of log P(end)
 * @param deviationOfEnd the standard deviation of the answers' means
 * @param meanEntropy mean over answers of the mean over tokens of the entropy of the next token, in nats
 * @param deviationOfEntropy the standard deviation of the answers' means
 */
public record UsualAnswer(
        long answers,
        double meanTokens,
        double deviationOfTokens,
        int longTokens,
        double meanEndLogProbability,
        double deviationOfEnd,
        double meanEntropy,
        double deviationOfEntropy) {
    private static final double FAR = 2; // standard deviations
    private static final double LEAST_DEVIATION = 1e-3; // of answers that are all alike

    /** Standard deviations by which the end of an answer was more probable than usual; negative if less. */
    public double endScore(double endLogProbability) {
        return (endLogProbability - meanEndLogProbability) / Math.max(LEAST_DEVIATION, deviationOfEnd);
    }

    /** Standard deviations by which the tokens of an answer were more uncertain than usual. */
    public double entropyScore(double entropy) {
        return (entropy - meanEntropy) / Math.max(LEAST_DEVIATION, deviationOfEntropy);
    }

    /**
     * Whether an answer looks as if it was made to go on: longer than 99 of 100, and its end more improbable or its
     * tokens more uncertain than usual by two standard deviations, and the other one not on the usual side.
     */
    boolean isUnusual(int tokens, double endLogProbability, double entropy) {
        double end = -endScore(endLogProbability);
        double uncertainty = entropyScore(entropy);
        return tokens > longTokens && Math.max(end, uncertainty) >= FAR && Math.min(end, uncertainty) >= 0;
    }

    /**
     * A budget that usual answers never meet: a ramp from so many standard deviations above the mean length on, but not
     * before the length that 99 of 100 keep, up to twice as far from the mean.
     */
    public LengthBudget budget(double deviations) {
        int soft = Math.max(longTokens, (int) Math.min(1e9, Math.ceil(meanTokens + deviations * deviationOfTokens)));
        int far = (int) Math.min(2e9, 2.0 * soft - Math.floor(meanTokens));
        return LengthBudget.of(soft, Math.max(soft + 1, far));
    }
}
