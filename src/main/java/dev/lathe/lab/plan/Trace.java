package dev.lathe.lab.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.ExponentialDistribution;
import org.apache.commons.math3.distribution.LogNormalDistribution;
import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.Well19937c;

/**
 * Requests as they came, or as they may come: when, with how long a prompt, for how long an answer. Immutable.
 *
 * @param arrivals in the order of their times
 */
public record Trace(List<Arrival> arrivals) {
    /**
     * A request.
     *
     * @param seconds when it came, after the trace began
     * @param promptTokens length of its prompt
     * @param outputTokens length of its answer
     */
    public record Arrival(double seconds, int promptTokens, int outputTokens) {}

    /** Copies and sorts the list. */
    public Trace {
        arrivals = arrivals.stream()
                .sorted(Comparator.comparingDouble(Arrival::seconds))
                .toList();
    }

    /**
     * A made-up trace: a Poisson process whose rate changes with time, and log-normal lengths, which is what traces of
     * services look like: most requests are short, a few are very long.
     *
     * @param rate requests a second at each second of the trace, at most {@code mostRate}
     * @param mostRate the largest rate, above 0
     * @param duration of the trace in seconds
     * @param medianPrompt the median length of prompts, in tokens
     * @param medianOutput the median length of answers, in tokens
     * @param spread standard deviation of the logarithm of lengths; 0 for all alike
     * @param seed the same one makes the same trace
     */
    public static Trace poisson(
            DoubleUnaryOperator rate,
            double mostRate,
            double duration,
            int medianPrompt,
            int medianOutput,
            double spread,
            long seed) {
        RandomGenerator random = new Well19937c(seed);
        ExponentialDistribution gap = new ExponentialDistribution(random, 1 / mostRate);
        List<Arrival> arrivals = new ArrayList<>();
        for (double at = gap.sample(); at < duration; at = gap.sample() + at) {
            double here = rate.applyAsDouble(at);
            if (!(here >= 0 && here <= mostRate)) {
                throw new IllegalArgumentException(
                        "the rate at " + at + " s is " + here + ": expected from 0 to " + mostRate);
            }
            if (random.nextDouble() * mostRate < here) { // thinning
                arrivals.add(
                        new Arrival(at, length(random, medianPrompt, spread), length(random, medianOutput, spread)));
            }
        }
        return new Trace(arrivals);
    }

    private static int length(RandomGenerator random, int median, double spread) {
        double length =
                spread == 0 ? median : new LogNormalDistribution(random, Math.log(median), spread, 1e-9).sample();
        return (int) Math.max(1, Math.round(length));
    }

    /** How many requests came in each period of so many seconds, the last one perhaps cut short. */
    public List<Integer> counts(double period) {
        List<Integer> counts = new ArrayList<>();
        for (Arrival arrival : arrivals) {
            int index = (int) (arrival.seconds / period);
            while (counts.size() <= index) {
                counts.add(0);
            }
            counts.set(index, counts.get(index) + 1);
        }
        return counts;
    }
}
