package dev.lathe.route;

import dev.lathe.tensor.Cosine;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Estimates from labelled queries: the mean quality of those whose vectors are most similar, weighted by their cosines.
 * Searches all of them, exactly. Immutable and thread-safe where the function that makes vectors is.
 *
 * <p>Shnitzer et al.: Large Language Model Routing with Benchmark Datasets, 2023, arXiv 2309.15789, section 3.
 *
 * @param <Q> a query
 */
public final class NearestQueries<Q> implements SuccessEstimate<Q> {
    private final Function<? super Q, float[]> vectors;
    private final float[][] known;
    private final double[][] qualities; // [query][candidate]
    private final int neighbours;

    private NearestQueries(
            Function<? super Q, float[]> vectors, float[][] known, double[][] qualities, int neighbours) {
        this.vectors = vectors;
        this.known = known;
        this.qualities = qualities;
        this.neighbours = neighbours;
    }

    /**
     * Estimates from these queries.
     *
     * @param vectors makes the vector of a query, such as one of {@code Model.embed}; all of one length
     * @param queries at least one
     * @param qualities [queries x candidates] how good each candidate's answer was; the last candidate's may be
     *     left out
     * @param neighbours how many of the most similar count, at least 1
     */
    public static <Q> NearestQueries<Q> of(
            Function<? super Q, float[]> vectors, List<? extends Q> queries, double[][] qualities, int neighbours) {
        if (queries.isEmpty() || queries.size() != qualities.length) {
            throw new IllegalArgumentException(queries.size() + " queries and qualities of " + qualities.length
                    + ": expected as many, and at least one");
        }
        if (neighbours < 1) {
            throw new IllegalArgumentException("neighbours is " + neighbours + ": expected at least 1");
        }
        float[][] known =
                queries.stream().map(query -> vectors.apply(query).clone()).toArray(float[][]::new);
        for (float[] vector : known) {
            checkLength(vector, known[0].length);
        }
        double[][] labels = Arrays.stream(qualities).map(double[]::clone).toArray(double[][]::new);
        return new NearestQueries<>(vectors, known, labels, neighbours);
    }

    private static void checkLength(float[] vector, int length) {
        if (vector.length != length) {
            throw new IllegalArgumentException("vectors of " + length + " and " + vector.length
                    + " numbers: expected all of one length, of one model");
        }
    }

    @Override
    public double of(Q query, int candidate) {
        float[] vector = vectors.apply(query);
        checkLength(vector, known[0].length);
        double[] cosines = Arrays.stream(known)
                .mapToDouble(other -> Cosine.of(vector, other))
                .toArray();
        int[] nearest = IntStream.range(0, known.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -cosines[i]).thenComparing(i -> i))
                .limit(neighbours)
                .mapToInt(Integer::intValue)
                .toArray();
        double sum = 0;
        double weights = 0;
        double plain = 0;
        for (int i : nearest) {
            double weight = Math.max(0, cosines[i]);
            sum += weight * qualities[i][candidate];
            weights += weight;
            plain += qualities[i][candidate] / nearest.length;
        }
        return weights > 0 ? sum / weights : plain;
    }
}
