package dev.lathe.route;

/**
 * How good an answer seems to be, after the fact: by its log-probabilities, by a verifier, by whether it parses or
 * compiles.
 *
 * @param <Q> a query
 * @param <A> an answer
 */
@FunctionalInterface
public interface AnswerScore<Q, A> {
    /**
     * A score: higher is better.
     *
     * @param candidate index of the candidate that answered; never the last one, whose answer is taken as it is
     */
    double of(Q query, A answer, int candidate);
}
