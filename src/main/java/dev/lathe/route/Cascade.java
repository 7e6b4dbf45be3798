package dev.lathe.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Asks one model after the other until an answer is good enough by its score. Costs add up. Immutable; as thread-safe
 * as its parts.
 *
 * <p>Chen, Zaharia and Zou: FrugalGPT, 2023, arXiv 2305.05176, section 3.
 *
 * @param <Q> a query
 * @param <A> an answer
 */
public final class Cascade<Q, A> {
    private final List<Candidate<Q, A>> candidates;
    private final AnswerScore<? super Q, ? super A> score;
    private final double[] thresholds;

    private Cascade(List<Candidate<Q, A>> candidates, AnswerScore<? super Q, ? super A> score, double... thresholds) {
        this.candidates = candidates;
        this.score = score;
        this.thresholds = thresholds;
    }

    /**
     * A cascade.
     *
     * @param candidates at least two, in the order in which they are asked
     * @param thresholds one for each candidate but the last: its answer is taken if its score is not below
     */
    public static <Q, A> Cascade<Q, A> of(
            List<Candidate<Q, A>> candidates, AnswerScore<? super Q, ? super A> score, double... thresholds) {
        List<Candidate<Q, A>> checked = Candidate.checked(candidates);
        if (thresholds.length != checked.size() - 1) {
            throw new IllegalArgumentException(thresholds.length + " thresholds for " + checked.size()
                    + " candidates: expected one for each but the last");
        }
        return new Cascade<>(checked, Objects.requireNonNull(score, "score"), Thresholds.checked(thresholds));
    }

    /**
     * Answers a query.
     *
     * @throws IllegalArgumentException if a score is no number
     */
    public Routed<A> run(Q query) {
        double cost = 0;
        List<Double> scores = new ArrayList<>();
        for (int i = 0; ; i++) {
            Candidate<Q, A> candidate = candidates.get(i);
            A answer = candidate.model().apply(query);
            cost += candidate.cost();
            boolean taken = i == thresholds.length;
            if (!taken) {
                double reached = score.of(query, answer, i);
                taken = Thresholds.isReached(reached, thresholds[i]);
                scores.add(reached);
            }
            if (taken) {
                return new Routed<>(answer, i, candidate.name(), cost, scores);
            }
        }
    }

    /**
     * The cost to be expected of a query.
     *
     * @param acceptance how often each candidate's answer is taken where it is asked, from 0 to 1; one for each but
     *     the last
     */
    public double expectedCost(double... acceptance) {
        return expectedCost(candidates.stream().mapToDouble(Candidate::cost).toArray(), acceptance);
    }

    static double expectedCost(double[] costs, double... acceptance) {
        if (acceptance.length != costs.length - 1) {
            throw new IllegalArgumentException(acceptance.length + " rates for " + costs.length
                    + " candidates: expected one for each but the last");
        }
        double expected = 0;
        double reached = 1;
        for (int i = 0; i < costs.length; i++) {
            expected += reached * costs[i];
            reached *= i < acceptance.length ? 1 - acceptance[i] : 0;
        }
        return expected;
    }

    /**
     * The order with the lowest expected cost, where whether one answer is taken tells nothing of the next: by cost
     * over acceptance (Smith's rule). The last candidate, which takes all that is left, is not among them.
     *
     * @param costs above 0
     * @param acceptance from 0 to 1
     * @return indices of the candidates in the order in which they are to be asked
     */
    public static int[] cheapestOrder(double[] costs, double[] acceptance) {
        if (costs.length != acceptance.length) {
            throw new IllegalArgumentException(
                    costs.length + " costs and " + acceptance.length + " rates: expected one of each for a candidate");
        }
        return IntStream.range(0, costs.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> costs[i] / acceptance[i])
                        .thenComparing(i -> i))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
