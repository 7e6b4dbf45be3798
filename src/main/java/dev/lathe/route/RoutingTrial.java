package dev.lathe.route;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * What every candidate made of one query of a validation set. Immutable.
 *
 * @param scores by which a candidate would be chosen or its answer taken; one for each candidate but the last
 * @param qualities how good each answer is in truth
 * @param costs of each answer, in one unit
 * @param overhead cost that is paid whoever answers, such as that of the score
 */
public record RoutingTrial(List<Double> scores, List<Double> qualities, List<Double> costs, double overhead) {
    /** Copies the lists. */
    public RoutingTrial {
        scores = List.copyOf(scores);
        qualities = List.copyOf(qualities);
        costs = List.copyOf(costs);
        if (qualities.size() < 2 || costs.size() != qualities.size() || scores.size() != qualities.size() - 1) {
            throw new IllegalArgumentException("a trial of " + scores.size() + " scores, " + qualities.size()
                    + " qualities and " + costs.size()
                    + " costs: expected one of each for at least 2 candidates, and no score of the last");
        }
    }

    /**
     * A trial of what a router would choose by: every candidate answers.
     *
     * @param quality of an answer, such as 1 if it is right and 0 if it is not
     */
    public static <Q, A> RoutingTrial ofRouter(
            Q query,
            List<Candidate<Q, A>> candidates,
            SuccessEstimate<? super Q> estimate,
            ToDoubleBiFunction<? super Q, ? super A> quality) {
        return of(query, candidates, (asked, answer, candidate) -> estimate.of(asked, candidate), quality);
    }

    /**
     * A trial of a cascade: every candidate answers, and every answer but the last one's is scored.
     *
     * @param quality of an answer, such as 1 if it is right and 0 if it is not
     */
    public static <Q, A> RoutingTrial ofCascade(
            Q query,
            List<Candidate<Q, A>> candidates,
            AnswerScore<? super Q, ? super A> score,
            ToDoubleBiFunction<? super Q, ? super A> quality) {
        return of(query, candidates, score, quality);
    }

    private static <Q, A> RoutingTrial of(
            Q query,
            List<Candidate<Q, A>> candidates,
            AnswerScore<? super Q, ? super A> score,
            ToDoubleBiFunction<? super Q, ? super A> quality) {
        List<Double> scores = new ArrayList<>();
        List<Double> qualities = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            A answer = candidates.get(i).model().apply(query);
            qualities.add(quality.applyAsDouble(query, answer));
            if (i + 1 < candidates.size()) {
                scores.add(score.of(query, answer, i));
            }
        }
        return new RoutingTrial(
                scores, qualities, candidates.stream().map(Candidate::cost).toList(), 0);
    }

    /** The candidate whose answer is taken. */
    int chosen(double... thresholds) {
        for (int i = 0; i < thresholds.length; i++) {
            if (Thresholds.isReached(scores.get(i), thresholds[i])) {
                return i;
            }
        }
        return thresholds.length;
    }
}
