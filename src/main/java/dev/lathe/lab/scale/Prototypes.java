package dev.lathe.lab.scale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.DoublePoint;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.Well19937c;

/**
 * How far each text of a corpus is from what is typical of it: its distance to the nearest of some prototypes, the centers
 * of groups of similar texts. Few texts teach most when they are typical, many when they are not.
 *
 * <p>Sorscher et al.: Beyond Neural Scaling Laws: Beating Power Law Scaling via Data Pruning, 2022, arXiv:2206.14486,
 * section 6. Immutable and thread-safe.
 */
public final class Prototypes {
    private static final int MOST_ROUNDS = 200;

    private final double[][] vectors;
    private final double[][] centers;
    private final double[] distances;

    private Prototypes(double[][] vectors, double[][] centers) {
        this.vectors = vectors;
        this.centers = centers;
        distances = new double[vectors.length];
        for (int i = 0; i < vectors.length; i++) {
            distances[i] = nearest(vectors[i], centers);
        }
    }

    /**
     * Finds prototypes.
     *
     * @param vectors of the texts, such as those that an encoder makes; all of one length
     * @param count how many prototypes, at most as many as texts
     * @param seed of their random start
     */
    public static Prototypes of(double[][] vectors, int count, long seed) {
        if (count < 1 || count > vectors.length) {
            throw new IllegalArgumentException(
                    count + " prototypes of " + vectors.length + " texts: expected from one to as many as texts");
        }
        List<DoublePoint> points = Arrays.stream(vectors).map(DoublePoint::new).toList();
        List<CentroidCluster<DoublePoint>> clusters = new KMeansPlusPlusClusterer<DoublePoint>(
                        count, MOST_ROUNDS, new EuclideanDistance(), new Well19937c(seed))
                .cluster(points);
        return new Prototypes(
                Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new),
                clusters.stream().map(cluster -> cluster.getCenter().getPoint()).toArray(double[][]::new));
    }

    /** Distance of a text from the nearest prototype. */
    public double distance(int text) {
        return distances[text];
    }

    /** For each prototype the text that is nearest to it, each text once: the corpus in a few examples. */
    public List<Integer> examples() {
        List<Integer> examples = new ArrayList<>();
        for (double[] center : centers) {
            IntStream.range(0, vectors.length)
                    .filter(text -> !examples.contains(text))
                    .boxed()
                    .min(Comparator.comparingDouble(text -> nearest(vectors[text], center)))
                    .ifPresent(examples::add);
        }
        return examples;
    }

    /** The most typical texts, the nearest first: what to keep where texts are few. */
    public List<Integer> easiest(int count) {
        return sorted(count, Comparator.comparingDouble(text -> distances[text]));
    }

    /** The least typical texts, the farthest first: what to keep where texts abound. */
    public List<Integer> hardest(int count) {
        return sorted(count, Comparator.comparingDouble(text -> -distances[text]));
    }

    private List<Integer> sorted(int count, Comparator<Integer> order) {
        return IntStream.range(0, distances.length)
                .boxed()
                .sorted(order)
                .limit(count)
                .toList();
    }

    private static double nearest(double[] vector, double[]... centers) {
        double least = Double.POSITIVE_INFINITY;
        for (double[] center : centers) {
            least = Math.min(least, new EuclideanDistance().compute(vector, center));
        }
        return least;
    }
}
