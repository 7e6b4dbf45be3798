package dev.lathe.lab.scale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.DoublePoint;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.Well19937c;

/**
 * Predicts how a benchmark will go at a size that was not run, such as more bits a weight or more layers, from runs at
 * smaller ones. Tasks are grouped by how their pass rates change with size; groups whose rates follow no law, because
 * nothing measured solves them or size changes nothing, are left out; a law is fitted to each of the others. What they
 * say of the predictable tasks is carried over to all by a curve through the sizes that were run, from 0 at 0 to 1 at 1.
 *
 * <p>Xu et al.: Unveiling Downstream Performance Scaling of LLMs: A Clustering-Based Perspective, 2025, arXiv:2502.17262
 * (Clustering-On-Difficulty). Immutable and thread-safe.
 */
public final class PredictableTasks {
    /** By how much a group's pass rate has to rise over the sizes that were run. */
    private static final double LEAST_RISE = 0.02;

    private static final int MOST_ROUNDS = 200;
    private static final int TRIALS = 8;

    /** A group whose error falls as a power of the size. */
    private record Group(int tasks, PowerLaw error) {}

    private final List<Group> groups;
    private final int[] predictable;
    private final double[] subsetRates; // ascending, from 0 to 1
    private final double[] wholeRates; // ascending, from 0 to 1

    private PredictableTasks(List<Group> groups, int[] predictable, double[] subsetRates, double[] wholeRates) {
        this.groups = groups;
        this.predictable = predictable;
        this.subsetRates = subsetRates;
        this.wholeRates = wholeRates;
    }

    /**
     * Groups tasks and fits their laws.
     *
     * @param sizes of the runs, ascending, at least four
     * @param passRates for each task its share of passed tries at each size, from 0 to 1
     * @param groups how many groups to make, at most as many as tasks
     * @param seed of the grouping's random starts
     * @throws IllegalArgumentException if the numbers do not fit, or no group follows a law
     */
    public static PredictableTasks of(double[] sizes, double[][] passRates, int groups, long seed) {
        check(sizes, passRates, groups);
        List<Group> lawful = new ArrayList<>();
        List<Integer> predictable = new ArrayList<>();
        for (List<Integer> members : cluster(passRates, groups, seed)) {
            double[] rates = mean(passRates, members, sizes.length);
            if (rates[rates.length - 1] - rates[0] < LEAST_RISE) {
                continue;
            }
            PowerLaw law = PowerLaw.fit(
                    sizes, Arrays.stream(rates).map(rate -> 1 - rate).toArray());
            if (law.scale().value() > 0) {
                lawful.add(new Group(members.size(), law));
                predictable.addAll(members);
            }
        }
        if (lawful.isEmpty()) {
            throw new IllegalArgumentException("no group of the " + passRates.length
                    + " tasks passes more often with size: expected runs at sizes that tell tasks apart");
        }
        List<Integer> all = new ArrayList<>();
        for (int task = 0; task < passRates.length; task++) {
            all.add(task);
        }
        double[] subset = anchored(mean(passRates, predictable, sizes.length));
        double[] whole = anchored(mean(passRates, all, sizes.length));
        return new PredictableTasks(
                List.copyOf(lawful),
                predictable.stream().sorted().mapToInt(task -> task).toArray(),
                subset,
                whole);
    }

    /** Indices of the tasks whose groups follow a law, ascending. */
    public int[] tasks() {
        return predictable.clone();
    }

    /** The mean pass rate of the predictable tasks at a size, from 0 to 1. */
    public double subsetAt(double size) {
        double sum = 0;
        for (Group group : groups) {
            sum += group.tasks * Math.clamp(1 - group.error.at(size), 0, 1);
        }
        return sum / predictable.length;
    }

    /** The mean pass rate of all tasks at a size, from 0 to 1; never less at a larger size than at a smaller one. */
    public double at(double size) {
        double rate = subsetAt(size);
        int right = 1;
        while (right < subsetRates.length - 1 && subsetRates[right] < rate) {
            right++;
        }
        double width = subsetRates[right] - subsetRates[right - 1];
        double share = width == 0 ? 1 : (rate - subsetRates[right - 1]) / width;
        return wholeRates[right - 1] + share * (wholeRates[right] - wholeRates[right - 1]);
    }

    private static void check(double[] sizes, double[][] passRates, int groups) {
        boolean fits = sizes.length >= 4 && groups >= 1 && groups <= passRates.length;
        for (int i = 1; i < sizes.length; i++) {
            fits &= sizes[i] > sizes[i - 1];
        }
        for (double[] rates : passRates) {
            fits &= rates.length == sizes.length && Arrays.stream(rates).allMatch(rate -> rate >= 0 && rate <= 1);
        }
        if (!fits) {
            throw new IllegalArgumentException("sizes " + Arrays.toString(sizes) + ", " + passRates.length + " tasks, "
                    + groups + " groups: expected at least four ascending sizes, a pass rate from 0 to 1 for each of"
                    + " them and each task, and from one group to as many as tasks");
        }
    }

    private static List<List<Integer>> cluster(double[][] rates, int groups, long seed) {
        /** A task among others. */
        final class Task extends DoublePoint {
            private static final long serialVersionUID = 1;
            private final int index;

            Task(int index) {
                super(rates[index]);
                this.index = index;
            }
        }
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < rates.length; i++) {
            tasks.add(new Task(i));
        }
        Well19937c random = new Well19937c(seed);
        List<CentroidCluster<Task>> best = List.of();
        double least = Double.POSITIVE_INFINITY;
        for (int trial = 0; trial < TRIALS; trial++) {
            List<CentroidCluster<Task>> found = new KMeansPlusPlusClusterer<Task>(
                            groups, MOST_ROUNDS, new EuclideanDistance(), random)
                    .cluster(tasks);
            double spread = 0;
            for (CentroidCluster<Task> cluster : found) {
                double[] center = cluster.getCenter().getPoint();
                for (Task task : cluster.getPoints()) {
                    spread += Math.pow(new EuclideanDistance().compute(center, task.getPoint()), 2);
                }
            }
            if (spread < least) {
                least = spread;
                best = found;
            }
        }
        return best.stream()
                .map(cluster ->
                        cluster.getPoints().stream().map(task -> task.index).toList())
                .filter(members -> !members.isEmpty())
                .toList();
    }

    private static double[] mean(double[][] rates, List<Integer> tasks, int sizes) {
        double[] mean = new double[sizes];
        for (int task : tasks) {
            for (int i = 0; i < sizes; i++) {
                mean[i] += rates[task][i] / tasks.size();
            }
        }
        return mean;
    }

    /** Between 0 and 1, and never falling. */
    private static double[] anchored(double... rates) {
        double[] anchored = new double[rates.length + 2];
        for (int i = 0; i < rates.length; i++) {
            anchored[i + 1] = Math.max(anchored[i], rates[i]);
        }
        anchored[rates.length + 1] = 1;
        return anchored;
    }
}
