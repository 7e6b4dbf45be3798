package dev.lathe.tensor.kernel;

import java.util.Arrays;

/**
 * Attention whose two products are approximate.
 *
 * @param lMul the multiplication
 * @param kernels what computes
 */
record LMulAttention(LMul lMul, LMulKernels kernels) implements AttentionKernels {
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
            int score = scoreOffset + query * scoreStride;
            Arrays.fill(scores, score, score + TILE, 0f);
            int from = queryOffset + query * queryStride;
            kernels.add(lMul, queries, from, size, keys, keyOffset, TILE, TILE, scores, score);
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
            int from = weightOffset + query * weightStride;
            int to = outputOffset + query * outputStride;
            kernels.add(lMul, weights, from, positions, values, valueOffset, size, size, output, to);
        }
    }
}
