package dev.lathe.route;

import java.util.List;
import java.util.function.Function;

/**
 * How good a candidate's answer to a query will be, as far as can be told before it is generated.
 *
 * @param <Q> a query
 */
@FunctionalInterface
public interface SuccessEstimate<Q> {
    /**
     * The quality to be expected: higher is better, usually a probability.
     *
     * @param candidate its index; never asked for the last one
     */
    double of(Q query, int candidate);

    /**
     * The probability that regressions learned from features of queries, such as {@link PromptSignals#features} of the
     * smallest model.
     *
     * @param regressions one for each candidate but the last
     */
    static <Q> SuccessEstimate<Q> learned(
            Function<? super Q, double[]> features, List<LogisticRegression> regressions) {
        List<LogisticRegression> fitted = List.copyOf(regressions);
        return (query, candidate) -> fitted.get(candidate).probability(features.apply(query));
    }
}
