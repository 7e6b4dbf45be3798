package dev.lathe;

import dev.lathe.decode.Token;
import dev.lathe.measure.Coverage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Several continuations of one prompt, drawn independently, and the ways to choose among them. Immutable.
 *
 * @param results the samples in the order of their seeds
 */
public record Samples(List<GenerationResult> results) {
    /** Copies the list; at least one is needed. */
    public Samples {
        results = List.copyOf(results);
        if (results.isEmpty()) {
            throw new IllegalArgumentException("no samples: expected at least 1");
        }
    }

    /**
     * An answer that several samples gave.
     *
     * @param answer the answer
     * @param votes samples that gave it
     * @param voters samples that gave any
     */
    public record Vote<A>(A answer, int votes, int voters) {}

    /** The sample whose tokens have the highest mean log-probability by the model; of equals the first. */
    public GenerationResult mostProbable() {
        return best(Samples::meanLogProbability);
    }

    /** The sample that a verifier scores highest; of equals the first. */
    public GenerationResult best(ToDoubleFunction<GenerationResult> verifier) {
        GenerationResult best = null;
        double bestScore = Double.NaN;
        for (GenerationResult result : results) {
            double score = verifier.applyAsDouble(result);
            if (Double.isNaN(score)) {
                throw new IllegalArgumentException("the verifier scored a sample NaN: expected a number to compare");
            }
            if (best == null || score > bestScore) {
                best = result;
                bestScore = score;
            }
        }
        return best;
    }

    /**
     * The answer that most samples give (Wang et al.: Self-Consistency, 2022, arXiv:2203.11171); of equally many the
     * one given first.
     *
     * @param extractor reads the answer from a sample, in a form in which equal answers are equal; empty if it has none
     * @return the answer and its votes; empty if no sample has an answer
     */
    public <A> Optional<Vote<A>> majority(Function<GenerationResult, Optional<A>> extractor) {
        Map<A, Integer> votes = new LinkedHashMap<>();
        for (GenerationResult result : results) {
            extractor.apply(result).ifPresent(answer -> votes.merge(answer, 1, Integer::sum));
        }
        int voters = votes.values().stream().mapToInt(Integer::intValue).sum();
        Vote<A> most = null;
        for (Map.Entry<A, Integer> entry : votes.entrySet()) {
            if (most == null || entry.getValue() > most.votes()) {
                most = new Vote<>(entry.getKey(), entry.getValue(), voters);
            }
        }
        return Optional.ofNullable(most);
    }

    /**
     * The unbiased estimate of the probability that at least one of k samples is correct; see {@link Coverage#passAt}.
     *
     * @param k from 1 to the number of samples
     * @param correct judges a sample
     */
    public double passAt(int k, Predicate<GenerationResult> correct) {
        return Coverage.passAt(
                k, results.size(), (int) results.stream().filter(correct).count());
    }

    /** Mean of the log-probabilities of a result's tokens; minus infinity if it has none. */
    public static double meanLogProbability(GenerationResult result) {
        double sum = 0;
        for (Token token : result.tokens()) {
            sum += token.logProbability()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the result has no log-probabilities: generate it with logProbabilities(0)"));
        }
        return result.tokens().isEmpty()
                ? Double.NEGATIVE_INFINITY
                : sum / result.tokens().size();
    }
}
