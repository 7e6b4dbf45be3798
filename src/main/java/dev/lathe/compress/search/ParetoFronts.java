package dev.lathe.compress.search;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Which points are better than others when several numbers shall be small at once.
 *
 * <p>Source: Deb, Pratap, Agarwal, Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", sections
 * III.A and III.B.
 */
final class ParetoFronts {
    private ParetoFronts() {}

    /** Whether a point is nowhere worse than another and somewhere better. */
    static boolean dominates(double[] point, double[] other) {
        boolean better = false;
        for (int i = 0; i < point.length; i++) {
            if (point[i] > other[i]) {
                return false;
            }
            better |= point[i] < other[i];
        }
        return better;
    }

    /** Points with only some of their objectives. */
    static double[][] project(double[][] points, int... objectives) {
        return Arrays.stream(points)
                .map(point ->
                        IntStream.of(objectives).mapToDouble(i -> point[i]).toArray())
                .toArray(double[][]::new);
    }

    /** For each point its front: 0 for those that none dominates, 1 for those that only front 0 dominates, and so on. */
    static int[] ranks(double[][] points) {
        int[] ranks = new int[points.length];
        Arrays.fill(ranks, -1);
        for (int left = points.length, front = 0; left > 0; front++) {
            for (int i = 0; i < points.length; i++) {
                if (ranks[i] < 0 && !isDominatedAmong(points, ranks, front, i)) {
                    ranks[i] = front;
                    left--;
                }
            }
        }
        return ranks;
    }

    /** Whether a point that is left, or was just put into this front, dominates point i. */
    private static boolean isDominatedAmong(double[][] points, int[] ranks, int front, int i) {
        for (int j = 0; j < points.length; j++) {
            if ((ranks[j] < 0 || ranks[j] == front) && dominates(points[j], points[i])) {
                return true;
            }
        }
        return false;
    }

    /** For each point how lonely it is among those of its front; infinite at the ends. */
    static double[] crowding(double[][] points, int[] ranks) {
        double[] distances = new double[points.length];
        int fronts = Arrays.stream(ranks).max().orElse(-1) + 1;
        for (int front = 0; front < fronts; front++) {
            int current = front;
            Integer[] members = IntStream.range(0, points.length)
                    .filter(i -> ranks[i] == current)
                    .boxed()
                    .toArray(Integer[]::new);
            for (int objective = 0; objective < points[0].length; objective++) {
                addGaps(points, members, objective, distances);
            }
        }
        return distances;
    }

    private static void addGaps(double[][] points, Integer[] members, int objective, double[] distances) {
        Arrays.sort(members, Comparator.comparingDouble(i -> points[i][objective]));
        double least = points[members[0]][objective];
        double most = points[members[members.length - 1]][objective];
        distances[members[0]] = Double.POSITIVE_INFINITY;
        distances[members[members.length - 1]] = Double.POSITIVE_INFINITY;
        for (int i = 1; i < members.length - 1 && most > least; i++) {
            double gap = points[members[i + 1]][objective] - points[members[i - 1]][objective];
            distances[members[i]] += gap / (most - least);
        }
    }
}
