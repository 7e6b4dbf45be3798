package dev.lathe;

import dev.lathe.tensor.Cosine;
import java.time.Duration;
import java.util.List;

/**
 * Vectors of texts, in the order of the texts.
 *
 * @param vectors one a text, all of the same length; the caller's own
 * @param statistics what it took
 */
public record Embeddings(List<float[]> vectors, Statistics statistics) {
    /** Copies the list. */
    public Embeddings {
        vectors = List.copyOf(vectors);
    }

    /**
     * What it took to make vectors.
     *
     * @param texts how many
     * @param tokens of all texts, with those that the model puts around each
     * @param truncated how many texts were cut
     * @param time from the call to the vectors
     */
    public record Statistics(int texts, long tokens, int truncated, Duration time) {}

    /** The vector of a text; the array is not copied. */
    public float[] vector(int text) {
        return vectors.get(text);
    }

    /** The cosine of two texts' vectors: from -1 to 1, higher the more they mean the same. */
    public double cosine(int text, int other) {
        return cosine(vectors.get(text), vectors.get(other));
    }

    /**
     * The cosine of the angle between two vectors; 0 if one has no length.
     *
     * @throws IllegalArgumentException if their lengths differ
     */
    public static double cosine(float[] vector, float[] other) {
        if (vector.length != other.length) {
            throw new IllegalArgumentException("vectors of " + vector.length + " and " + other.length
                    + " numbers have no angle: both must be of the same model");
        }
        return Cosine.of(vector, other);
    }
}
