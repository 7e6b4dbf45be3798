package dev.lathe.tensor.kernel;

/**
 * The two products of attention: queries with keys, and weights with values.
 *
 * <p>A lane is an output in both. Keys lie transposed in tiles of {@link #TILE} positions, so that a lane is a
 * position and its score one chain of fused multiply-adds over the dimensions in order. Values lie in rows, so that a
 * lane is a dimension and positions are added in order. How the work is cut into calls never changes a bit. Arguments
 * are checked by the caller. Thread-safe.
 */
public interface AttentionKernels {
    /** Positions in one tile of keys. */
    int TILE = 32;

    /**
     * Scores of queries with one tile: {@code scores[q][p] = sum over d of queries[q][d] * keys[d][p]}.
     *
     * @param queries rows of {@code size} floats; row q starts at {@code queryOffset + q * queryStride}
     * @param keys the tile, {@code [size x TILE]} from {@code keyOffset} on
     * @param scores rows of TILE floats; row q starts at {@code scoreOffset + q * scoreStride}
     */
    void scores(
            float[] queries,
            int queryOffset,
            int queryStride,
            int queryCount,
            float[] keys,
            int keyOffset,
            int size,
            float[] scores,
            int scoreOffset,
            int scoreStride);

    /**
     * Adds weighted values: {@code output[q][d] += sum over p of weights[q][p] * values[p][d]}, p ascending.
     *
     * @param weights rows of {@code positions} floats; row q starts at {@code weightOffset + q * weightStride}
     * @param values {@code [positions x size]} from {@code valueOffset} on
     * @param output rows of {@code size} floats; row q starts at {@code outputOffset + q * outputStride}
     */
    void accumulate(
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
            int outputStride);

    /** Whether {@link #scoresOfHalves} and {@link #accumulateHalves} are there. */
    default boolean readsHalves() {
        return false;
    }

    /**
     * {@link #scores} with neighbouring tiles of keys in half precision; the scores of a tile stand after those of the one before.
     *
     * @param next what is read soon after, as much as now: processors foresee no jumps
     * @param nextOffset index of its first number
     * @throws UnsupportedOperationException unless {@link #readsHalves}
     */
    default void scoresOfHalves(
            float[] queries,
            int queryOffset,
            int queryStride,
            int queryCount,
            short[] keys,
            int keyOffset,
            int size,
            int tiles,
            float[] scores,
            int scoreOffset,
            int scoreStride,
            short[] next,
            int nextOffset) {
        throw new UnsupportedOperationException("these kernels read floats alone");
    }

    /**
     * {@link #accumulate} of values in half precision.
     *
     * @param next as for {@link #scoresOfHalves}
     * @param nextOffset index of its first number
     * @throws UnsupportedOperationException unless {@link #readsHalves}
     */
    default void accumulateHalves(
            float[] weights,
            int weightOffset,
            int weightStride,
            int queryCount,
            short[] values,
            int valueOffset,
            int positions,
            int size,
            float[] output,
            int outputOffset,
            int outputStride,
            short[] next,
            int nextOffset) {
        throw new UnsupportedOperationException("these kernels read floats alone");
    }
}
