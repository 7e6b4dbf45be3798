package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.AttentionKernels;

/** The products of attention in plain Java: the reference of the vector form. */
public final class ScalarAttention implements AttentionKernels {
    @Override
    public void scores(
            float[] queries,
            int queryOffset,
            int queryStride,
            int queryCount,
            float[] keys,
            int keyOffset,
            int size,
            float[] scores,
            int scoreOffset,
            int scoreStride) {
        for (int query = 0; query < queryCount; query++) {
            for (int position = 0; position < TILE; position++) {
                float score = 0f;
                for (int d = 0; d < size; d++) {
                    float q = queries[queryOffset + query * queryStride + d];
                    score = Math.fma(q, keys[keyOffset + d * TILE + position], score);
                }
                scores[scoreOffset + query * scoreStride + position] = score;
            }
        }
    }

    @Override
    public void accumulate(
            float[] weights,
            int weightOffset,
            int weightStride,
            int queryCount,
            float[] values,
            int valueOffset,
            int positions,
            int size,
            float[] output,
            int outputOffset,
            int outputStride) {
        for (int query = 0; query < queryCount; query++) {
            int weight = weightOffset + query * weightStride;
            tail(weights, weight, values, valueOffset, positions, 0, size, output, outputOffset + query * outputStride);
        }
    }

    /** One query's dimensions from {@code from} on. */
    public static void tail(
            float[] weights,
            int weightOffset,
            float[] values,
            int valueOffset,
            int positions,
            int from,
            int size,
            float[] output,
            int outputOffset) {
        for (int d = from; d < size; d++) {
            float sum = output[outputOffset + d];
            for (int position = 0; position < positions; position++) {
                sum = Math.fma(weights[weightOffset + position], values[valueOffset + position * size + d], sum);
            }
            output[outputOffset + d] = sum;
        }
    }
}
