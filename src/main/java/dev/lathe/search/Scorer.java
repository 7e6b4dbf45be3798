package dev.lathe.search;

import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Tells how good an answer is, or the beginning of one: an estimate, from 0 to 1, of the probability that it is right
 * or will be. Called by one thread of a search at a time; searches at once call it at once.
 *
 * <p>What is cheap and sure comes first: {@code rule(...).and(likelihood())} asks the second only where the first is
 * not 0.
 */
@FunctionalInterface
public interface Scorer {
    /**
     * The score of a candidate.
     *
     * @return at least 0, higher for better ones
     */
    double score(Candidate candidate);

    /**
     * The model's own opinion: the mean probability of a token, exp of the mean log-probability. Needs no second model,
     * and prefers what is likely to what is right.
     */
    static Scorer likelihood() {
        return candidate -> StrictMath.exp(candidate.meanLogProbability());
    }

    /**
     * 1 for answers, and beginnings, that a rule holds for, such as that they compile or follow a schema; 0 for others.
     *
     * @param holds asked with the candidate's text
     */
    static Scorer rule(Predicate<String> holds) {
        return candidate -> holds.test(candidate.text()) ? 1 : 0;
    }

    /**
     * A verifier of texts, such as the share of tests that pass.
     *
     * @param verifier from 0 to 1
     */
    static Scorer verifier(ToDoubleFunction<String> verifier) {
        return candidate -> verifier.applyAsDouble(candidate.text());
    }

    /** The product of both scores; the other one is not asked where this one is 0. */
    default Scorer and(Scorer other) {
        return candidate -> {
            double first = score(candidate);
            return first == 0 ? 0 : first * other.score(candidate);
        };
    }
}
