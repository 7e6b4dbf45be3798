package dev.lathe.lab.tune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/**
 * Finds the cheapest of some candidates with few measurements: all are measured briefly, the better half twice as
 * long, and so on. What counts is a candidate's least cost in all its rounds, since others on the machine only add to
 * it. The first candidate, which is what one would take without tuning, stays until the end, so the result is never
 * worse than it by what was measured.
 *
 * <p>Jamieson and Talwalkar: Non-stochastic Best Arm Identification and Hyperparameter Optimization, 2015,
 * arXiv:1502.07943, section 3. What is tuned is irregular in its settings and differs from machine to machine
 * (Martinez: The Impact of Hyperparameters on Large Language Model Inference Performance, 2024), so nothing is
 * interpolated.
 */
public final class SuccessiveHalving {
    private SuccessiveHalving() {}

    /**
     * A measurement.
     *
     * @param candidate what was measured
     * @param repetitions how long
     * @param cost what it cost; lower is better
     */
    public record Trial<C>(C candidate, int repetitions, double cost) {}

    /**
     * What was found.
     *
     * @param best the cheapest candidate of the last round
     * @param cost its least cost
     * @param firstCost the least cost of the first candidate
     * @param trials every measurement in its order
     */
    public record Result<C>(C best, double cost, double firstCost, List<Trial<C>> trials) {
        /** How many repetitions were measured in all. */
        public int repetitions() {
            return trials.stream().mapToInt(Trial::repetitions).sum();
        }
    }

    /**
     * Searches.
     *
     * @param candidates at least one, all different; the first is the one to beat
     * @param repetitions of the first round; each round doubles them
     * @param cost measures a candidate with so many repetitions
     * @throws IllegalArgumentException if there is no candidate, two are equal, or a cost is no number
     */
    public static <C> Result<C> search(List<C> candidates, int repetitions, ToDoubleBiFunction<C, Integer> cost) {
        if (candidates.isEmpty() || candidates.stream().distinct().count() != candidates.size() || repetitions < 1) {
            throw new IllegalArgumentException("candidates " + candidates + ", " + repetitions
                    + " repetitions: expected different candidates, at least one, and at least one repetition");
        }
        C first = candidates.getFirst();
        List<C> left = new ArrayList<>(candidates);
        List<Trial<C>> trials = new ArrayList<>();
        Map<C, Double> costs = new HashMap<>();
        int count = repetitions;
        while (true) {
            for (C candidate : left) {
                double measured = cost.applyAsDouble(candidate, count);
                if (Double.isNaN(measured)) {
                    throw new IllegalArgumentException("the cost of " + candidate + " is no number");
                }
                trials.add(new Trial<>(candidate, count, measured));
                costs.merge(candidate, measured, Math::min);
            }
            left.sort(Comparator.comparingDouble(costs::get));
            if (left.size() <= 2) {
                break;
            }
            left = new ArrayList<>(left.subList(0, (left.size() + 1) / 2));
            if (!left.contains(first)) {
                left.set(left.size() - 1, first);
            }
            count *= 2;
        }
        return new Result<>(left.getFirst(), costs.get(left.getFirst()), costs.get(first), trials);
    }
}
