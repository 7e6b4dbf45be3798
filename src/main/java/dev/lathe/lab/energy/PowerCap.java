package dev.lathe.lab.energy;

import java.util.Comparator;
import java.util.List;

/**
 * Chooses how many threads may run, and for what share of the time, so that a machine stays within a budget of power,
 * from what was measured on it.
 *
 * <p>After Patel et al.: POLCA: Power Oversubscription in LLM Cloud Providers, 2023, arXiv:2308.12908, which caps
 * clocks; Java has threads and pauses.
 *
 * @param points measured, one a number of threads
 * @param idleWatts power when nothing runs
 */
public record PowerCap(List<Point> points, double idleWatts) {
    /**
     * A measurement.
     *
     * @param threads threads that computed
     * @param watts mean power meanwhile
     * @param tokensPerSecond speed
     */
    public record Point(int threads, double watts, double tokensPerSecond) {
        /** Energy of a token. */
        public double joulesPerToken() {
            return watts / tokensPerSecond;
        }
    }

    /**
     * A choice.
     *
     * @param threads threads to compute with
     * @param duty share of the time to compute; below 1 the machine idles between tokens
     * @param watts mean power expected
     * @param tokensPerSecond speed expected
     */
    public record Choice(int threads, double duty, double watts, double tokensPerSecond) {}

    /** Copies the list and checks it. */
    public PowerCap {
        points = List.copyOf(points);
        for (Point point : points) {
            if (!(point.watts >= idleWatts && point.tokensPerSecond > 0)) {
                throw new IllegalArgumentException(point + " beside idle power of " + idleWatts
                        + " W: expected at least that, and a speed above 0");
            }
        }
        if (points.isEmpty() || !(idleWatts >= 0)) {
            throw new IllegalArgumentException("no measured points, or idle power " + idleWatts + " W below 0");
        }
    }

    /**
     * The fastest choice whose mean power is within the budget.
     *
     * @throws IllegalArgumentException if the machine needs more than that to idle
     */
    public Choice fastest(double watts) {
        if (!(watts >= idleWatts)) {
            throw new IllegalArgumentException(
                    "a budget of " + watts + " W: the machine needs " + idleWatts + " W to idle");
        }
        return points.stream()
                .map(point -> within(point, watts))
                .max(Comparator.comparingDouble(Choice::tokensPerSecond))
                .orElseThrow();
    }

    /** The measured point with the least energy a token. */
    public Point greenest() {
        return points.stream()
                .min(Comparator.comparingDouble(Point::joulesPerToken))
                .orElseThrow();
    }

    private Choice within(Point point, double watts) {
        double duty = point.watts <= watts ? 1 : (watts - idleWatts) / (point.watts - idleWatts);
        return new Choice(
                point.threads, duty, idleWatts + duty * (point.watts - idleWatts), duty * point.tokensPerSecond);
    }
}
