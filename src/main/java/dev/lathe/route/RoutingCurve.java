package dev.lathe.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Cost and quality of a router or a cascade on a set of queries, by its thresholds. Tune on one set, and look at
 * another with {@link #at} before the promise is believed. Immutable and thread-safe.
 */
public final class RoutingCurve {
    private static final int MOST_POINTS = 4096;
    private static final int MOST_OF_ONE = 256;
    private static final int MOST_CANDIDATES = 8;

    private final List<RoutingTrial> trials;
    private final boolean costsAddUp;
    private final List<RoutingPoint> points;

    private RoutingCurve(List<RoutingTrial> trials, boolean costsAddUp) {
        this.trials = List.copyOf(trials);
        this.costsAddUp = costsAddUp;
        if (trials.isEmpty()) {
            throw new IllegalArgumentException("no trials: expected at least one query");
        }
        int candidates = candidates();
        if (candidates > MOST_CANDIDATES) {
            throw new IllegalArgumentException(candidates + " candidates: expected at most " + MOST_CANDIDATES
                    + ", whose thresholds can be tried together");
        }
        for (RoutingTrial trial : trials) {
            if (trial.qualities().size() != candidates) {
                throw new IllegalArgumentException("trials of " + candidates + " and of "
                        + trial.qualities().size() + " candidates: expected the same ones in all");
            }
        }
        this.points = sweep();
    }

    /** Of a router, which pays for the one candidate that it chooses. */
    public static RoutingCurve ofRouter(List<RoutingTrial> trials) {
        return new RoutingCurve(trials, false);
    }

    /** Of a cascade, which pays for every candidate that it asks. */
    public static RoutingCurve ofCascade(List<RoutingTrial> trials) {
        return new RoutingCurve(trials, true);
    }

    private int candidates() {
        return trials.getFirst().qualities().size();
    }

    /** What thresholds cost and bring here. */
    public RoutingPoint at(double... thresholds) {
        if (thresholds.length != candidates() - 1) {
            throw new IllegalArgumentException(thresholds.length + " thresholds for " + candidates()
                    + " candidates: expected one for each but the last");
        }
        double cost = 0;
        double quality = 0;
        double[] shares = new double[candidates()];
        for (RoutingTrial trial : trials) {
            int chosen = trial.chosen(thresholds);
            cost += cost(trial, chosen);
            quality += trial.qualities().get(chosen);
            shares[chosen] += 1.0 / trials.size();
        }
        return new RoutingPoint(
                Arrays.stream(thresholds).boxed().toList(),
                cost / trials.size(),
                quality / trials.size(),
                Arrays.stream(shares).boxed().toList());
    }

    private double cost(RoutingTrial trial, int chosen) {
        double cost = trial.overhead();
        for (int i = costsAddUp ? 0 : chosen; i <= chosen; i++) {
            cost += trial.costs().get(i);
        }
        return cost;
    }

    /** What one candidate for all queries costs and brings, without any score. */
    public RoutingPoint always(int candidate) {
        double[] shares = new double[candidates()];
        shares[candidate] = 1;
        return new RoutingPoint(
                IntStream.range(0, candidates() - 1)
                        .mapToObj(i -> i < candidate ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY)
                        .toList(),
                trials.stream()
                        .mapToDouble(trial -> trial.costs().get(candidate))
                        .average()
                        .orElseThrow(),
                trials.stream()
                        .mapToDouble(trial -> trial.qualities().get(candidate))
                        .average()
                        .orElseThrow(),
                Arrays.stream(shares).boxed().toList());
    }

    /** All that was looked at, from the cheapest on. */
    public List<RoutingPoint> points() {
        return points;
    }

    /** The points than which no other is as cheap and better, or as good and cheaper; from the cheapest on. */
    public List<RoutingPoint> front() {
        List<RoutingPoint> front = new ArrayList<>();
        for (RoutingPoint point : points) {
            if (front.isEmpty() || point.quality() > front.getLast().quality()) {
                front.add(point);
            }
        }
        return front;
    }

    /** The cheapest point of at least this quality; empty if there is none. */
    public Optional<RoutingPoint> cheapest(double quality) {
        return points.stream().filter(point -> point.quality() >= quality).findFirst();
    }

    /**
     * The cheapest point that keeps a share of the last candidate's quality, with some certainty: the mean of what it
     * is better than that share, query by query, is at least so many standard errors above 0.
     *
     * @param share such as 0.95
     * @param standardErrors 0 trusts the mean of these queries; 1.64 makes a point that keeps less look this good
     *     in one case of twenty
     * @return empty if there is none
     */
    public Optional<RoutingPoint> cheapestRetaining(double share, double standardErrors) {
        return points.stream()
                .filter(point -> retains(point.thresholdArray(), share, standardErrors))
                .findFirst();
    }

    private boolean retains(double[] thresholds, double share, double standardErrors) {
        double[] gains = trials.stream()
                .mapToDouble(trial -> trial.qualities().get(trial.chosen(thresholds))
                        - share * trial.qualities().getLast())
                .toArray();
        double mean = Arrays.stream(gains).average().orElseThrow();
        double squares =
                Arrays.stream(gains).map(gain -> (gain - mean) * (gain - mean)).sum();
        double error = gains.length < 2 ? 0 : Math.sqrt(squares / (gains.length - 1) / gains.length);
        return mean >= standardErrors * error;
    }

    /**
     * The quality of a random choice between the first candidate and the last at a cost: a straight line, flat beyond
     * its ends.
     */
    public double qualityOfRandom(double cost) {
        RoutingPoint first = always(0);
        RoutingPoint last = always(candidates() - 1);
        double share = last.cost() == first.cost() ? 1 : (cost - first.cost()) / (last.cost() - first.cost());
        return first.quality() + Math.clamp(share, 0, 1) * (last.quality() - first.quality());
    }

    /**
     * The mean quality over all costs between those of the first candidate and the last, of the best point that each
     * cost can pay; half the sum of both qualities is what a random choice has.
     */
    public double meanQuality() {
        double from = always(0).cost();
        double to = always(candidates() - 1).cost();
        double best = always(0).quality();
        double at = from;
        double sum = 0;
        for (RoutingPoint point : front()) {
            double next = Math.clamp(point.cost(), at, Math.max(at, to));
            sum += best * (next - at);
            at = next;
            best = point.cost() <= to ? Math.max(best, point.quality()) : best;
        }
        return to <= from ? best : (sum + best * (to - at)) / (to - from);
    }

    /** Thresholds at the quantiles of the scores, and those that take all or nothing; in all combinations. */
    private List<RoutingPoint> sweep() {
        int scores = candidates() - 1;
        int most = Math.min(MOST_OF_ONE, Math.max(2, (int) StrictMath.pow(MOST_POINTS, 1.0 / scores)));
        double[][] grids =
                IntStream.range(0, scores).mapToObj(i -> grid(i, most)).toArray(double[][]::new);
        List<RoutingPoint> found = new ArrayList<>();
        int[] at = new int[scores];
        for (int turned = 0; turned >= 0; ) {
            double[] thresholds = new double[scores];
            for (int i = 0; i < scores; i++) {
                thresholds[i] = grids[i][at[i]];
            }
            found.add(at(thresholds));
            turned = scores - 1;
            while (turned >= 0 && ++at[turned] == grids[turned].length) {
                at[turned--] = 0;
            }
        }
        found.sort(Comparator.comparingDouble(RoutingPoint::cost)
                .thenComparing(Comparator.comparingDouble(RoutingPoint::quality).reversed()));
        return List.copyOf(found);
    }

    private double[] grid(int candidate, int most) {
        double[] scores = trials.stream()
                .mapToDouble(trial -> trial.scores().get(candidate))
                .sorted()
                .distinct()
                .toArray();
        int count = Math.min(scores.length, most - 1);
        double[] grid = new double[count + 1];
        for (int i = 0; i < count; i++) {
            grid[i] = i == 0 ? Double.NEGATIVE_INFINITY : scores[(int) ((long) i * scores.length / count)];
        }
        grid[count] = Double.POSITIVE_INFINITY;
        return grid;
    }
}
