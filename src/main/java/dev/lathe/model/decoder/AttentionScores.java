package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.AttentionConfig;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/** Makes weights of a query's scores: softmax, in some families with caps, biases by distance or sinks before it. Immutable. */
final class AttentionScores {
    private final ElementwiseKernels kernels;
    private final float scale;
    private final float cap;
    private final float[] slopes; // [heads] or empty
    private final float[] sinks; // [heads] or empty

    AttentionScores(LayerConfig layer, float[] sinks, ElementwiseKernels kernels) {
        AttentionConfig attention = layer.attention();
        ScoreConfig config = attention.scores();
        scale = layer.attentionScale();
        this.kernels = kernels;
        this.sinks = sinks;
        cap = config.cap();
        slopes = config.alibi() > 0 ? slopes(attention.headCount(), config.alibi()) : WeightGroup.NONE;
    }

    /** Powers of 2^(-largest / n) for n heads; where n is no power of two, the heads after it take odd powers of the root. */
    private static float[] slopes(int heads, float largest) {
        int power = Integer.highestOneBit(heads);
        float[] slopes = new float[heads];
        for (int head = 0; head < heads; head++) {
            double exponent =
                    head < power ? -largest * (head + 1) / power : -largest / 2 * (2 * (head - power) + 1) / power;
            slopes[head] = (float) StrictMath.pow(2, exponent);
        }
        return slopes;
    }

    /** Numbers of scratch memory that the scores of so many positions need. */
    int scratchSize(int positions) {
        return sinks.length > 0 ? positions + 1 : 0;
    }

    /** Scales a row of queries, so that their products with keys are scores. */
    void scale(FloatMatrix query, int row) {
        int offset = query.offset(row);
        kernels.scale(query.data(), offset, scale, query.data(), offset, query.columns());
    }

    /** What families do to the scores of a query before softmax: caps, and biases by distance from its own position. */
    void prepare(float[] scores, int offset, int count, int own, int head) {
        if (cap > 0) {
            kernels.softCap(scores, offset, cap, count);
        }
        if (slopes.length > 0) {
            for (int i = 0; i < count; i++) {
                scores[offset + i] -= slopes[head] * Math.abs(own - i);
            }
        }
    }

    /**
     * Replaces scores that are prepared by weights.
     *
     * @param ranges where the scores of each query begin, and how many there are
     * @param heads of the queries
     * @param queries how many there are
     * @param scratch as long as {@link #scratchSize} says
     */
    void soften(float[] scores, int[] ranges, int[] heads, int queries, float[] scratch) {
        if (sinks.length == 0) {
            kernels.softmaxRanges(scores, ranges, queries);
            return;
        }
        for (int query = 0; query < queries; query++) {
            int offset = ranges[2 * query];
            int count = ranges[2 * query + 1];
            System.arraycopy(scores, offset, scratch, 0, count);
            scratch[count] = sinks[heads[query]];
            kernels.softmax(scratch, 0, count + 1);
            System.arraycopy(scratch, 0, scores, offset, count);
        }
    }
}
