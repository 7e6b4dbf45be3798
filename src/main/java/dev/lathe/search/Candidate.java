package dev.lathe.search;

import dev.lathe.decode.Token;
import java.util.List;

/**
 * An answer, or the beginning of one. Immutable.
 *
 * @param prompt the tokens that it continues; not to be changed
 * @param promptText their text
 * @param tokens the tokens generated, with their log-probabilities
 * @param text their text, up to a stop string
 * @param steps all its tokens in steps; the last one may be unfinished
 * @param isComplete whether it has come to its end
 * @param score what the search's scorer gave it; NaN before
 */
public record Candidate(
        int[] prompt,
        String promptText,
        List<Token> tokens,
        String text,
        List<Step> steps,
        boolean isComplete,
        double score) {
    /** Copies the lists. */
    public Candidate {
        tokens = List.copyOf(tokens);
        steps = List.copyOf(steps);
    }

    /** Nothing yet, after a prompt. */
    static Candidate beginning(String promptText, int... prompt) {
        return new Candidate(prompt, promptText, List.of(), "", List.of(), false, Double.NaN);
    }

    Candidate score(double value) {
        return new Candidate(prompt, promptText, tokens, text, steps, isComplete, value);
    }

    /** Mean log-probability of the tokens by the model; minus infinity if there are none. */
    public double meanLogProbability() {
        return meanLogProbability(0, tokens.size());
    }

    /** Mean log-probability of the tokens of a step. */
    double meanLogProbability(Step step) {
        return meanLogProbability(step.begin(), step.end());
    }

    private double meanLogProbability(int from, int to) {
        double sum = 0;
        for (Token token : tokens.subList(from, to)) {
            sum += token.logProbability().orElseThrow();
        }
        return from == to ? Double.NEGATIVE_INFINITY : sum / (to - from);
    }
}
