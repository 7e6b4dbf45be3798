package dev.lathe.route;

import dev.lathe.decode.Token;
import java.util.List;

/**
 * How sure a model was of its answer, by the log-probabilities of the tokens that it generated. Immutable.
 *
 * @param tokens how many
 * @param meanLogProbability of all; 0 of an empty answer
 * @param lowestLogProbability of the least probable one; 0 of an empty answer
 * @param firstLogProbability of the first; 0 of an empty answer
 */
public record AnswerSignals(
        int tokens, double meanLogProbability, double lowestLogProbability, double firstLogProbability) {
    /**
     * Of an answer.
     *
     * @throws IllegalArgumentException if a token tells no log-probability: generate with {@code logProbabilities(0)}
     */
    public static AnswerSignals of(List<Token> tokens) {
        double sum = 0;
        double lowest = 0;
        for (Token token : tokens) {
            double logProbability = token.logProbability()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the answer has no log-probabilities: generate it with logProbabilities(0)"));
            sum += logProbability;
            lowest = Math.min(lowest, logProbability);
        }
        double first = tokens.isEmpty() ? 0 : tokens.getFirst().logProbability().getAsDouble();
        return new AnswerSignals(tokens.size(), tokens.isEmpty() ? 0 : sum / tokens.size(), lowest, first);
    }

    /** The exponential of the mean's negative. */
    public double perplexity() {
        return StrictMath.exp(-meanLogProbability);
    }

    /** What a {@link LogisticRegression} learns from. */
    public double[] features() {
        return new double[] {StrictMath.log(1 + tokens), meanLogProbability, lowestLogProbability, firstLogProbability};
    }
}
