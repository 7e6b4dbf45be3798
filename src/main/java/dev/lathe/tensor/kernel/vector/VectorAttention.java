package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.scalar.ScalarAttention;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The products of attention on the Vector API: four queries and two vectors at a time, eight sums in registers.
 *
 * <p>Two or three queries run as four, the last of them repeated: it computes and stores the same numbers again.
 */
final class VectorAttention implements AttentionKernels {
    /** At most 512 bits: two vectors must fit in a tile. */
    private static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() > TILE / 2 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

    private static final int LANES = SPECIES.length();
    private static final int PAIR = 2 * LANES;

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
        for (int query = 0; query < queryCount; query += 4) {
            int q = queryOffset + query * queryStride;
            int s = scoreOffset + query * scoreStride;
            int left = queryCount - query;
            if (left == 1) {
                scoresOfOne(queries, q, keys, keyOffset, size, scores, s);
            } else {
                int third = Math.min(2, left - 1);
                int fourth = Math.min(3, left - 1);
                scoresOfFour(
                        queries,
                        q,
                        q + queryStride,
                        q + third * queryStride,
                        q + fourth * queryStride,
                        keys,
                        keyOffset,
                        size,
                        scores,
                        s,
                        s + scoreStride,
                        s + third * scoreStride,
                        s + fourth * scoreStride);
            }
        }
    }

    private static void scoresOfOne(
            float[] queries, int query, float[] keys, int keyOffset, int size, float[] scores, int score) {
        for (int lane = 0; lane < TILE; lane += PAIR) {
            FloatVector a0 = FloatVector.zero(SPECIES);
            FloatVector a1 = FloatVector.zero(SPECIES);
            int key = keyOffset + lane;
            for (int d = 0; d < size; d++) {
                FloatVector q = FloatVector.broadcast(SPECIES, queries[query + d]);
                a0 = q.fma(FloatVector.fromArray(SPECIES, keys, key + d * TILE), a0);
                a1 = q.fma(FloatVector.fromArray(SPECIES, keys, key + d * TILE + LANES), a1);
            }
            a0.intoArray(scores, score + lane);
            a1.intoArray(scores, score + lane + LANES);
        }
    }

    private static void scoresOfFour(
            float[] queries,
            int query0,
            int query1,
            int query2,
            int query3,
            float[] keys,
            int keyOffset,
            int size,
            float[] scores,
            int score0,
            int score1,
            int score2,
            int score3) {
        for (int lane = 0; lane < TILE; lane += PAIR) {
            FloatVector a0 = FloatVector.zero(SPECIES);
            FloatVector a1 = FloatVector.zero(SPECIES);
            FloatVector b0 = FloatVector.zero(SPECIES);
            FloatVector b1 = FloatVector.zero(SPECIES);
            FloatVector c0 = FloatVector.zero(SPECIES);
            FloatVector c1 = FloatVector.zero(SPECIES);
            FloatVector d0 = FloatVector.zero(SPECIES);
            FloatVector d1 = FloatVector.zero(SPECIES);
            int key = keyOffset + lane;
            for (int d = 0; d < size; d++) {
                FloatVector k0 = FloatVector.fromArray(SPECIES, keys, key + d * TILE);
                FloatVector k1 = FloatVector.fromArray(SPECIES, keys, key + d * TILE + LANES);
                FloatVector q = FloatVector.broadcast(SPECIES, queries[query0 + d]);
                a0 = q.fma(k0, a0);
                a1 = q.fma(k1, a1);
                q = FloatVector.broadcast(SPECIES, queries[query1 + d]);
                b0 = q.fma(k0, b0);
                b1 = q.fma(k1, b1);
                q = FloatVector.broadcast(SPECIES, queries[query2 + d]);
                c0 = q.fma(k0, c0);
                c1 = q.fma(k1, c1);
                q = FloatVector.broadcast(SPECIES, queries[query3 + d]);
                d0 = q.fma(k0, d0);
                d1 = q.fma(k1, d1);
            }
            a0.intoArray(scores, score0 + lane);
            a1.intoArray(scores, score0 + lane + LANES);
            b0.intoArray(scores, score1 + lane);
            b1.intoArray(scores, score1 + lane + LANES);
            c0.intoArray(scores, score2 + lane);
            c1.intoArray(scores, score2 + lane + LANES);
            d0.intoArray(scores, score3 + lane);
            d1.intoArray(scores, score3 + lane + LANES);
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
        int paired = size - size % PAIR;
        for (int query = 0; query < queryCount; query += 4) {
            int w = weightOffset + query * weightStride;
            int o = outputOffset + query * outputStride;
            int left = queryCount - query;
            if (left == 1) {
                accumulateOne(weights, w, values, valueOffset, positions, size, paired, output, o);
            } else {
                int third = Math.min(2, left - 1);
                int fourth = Math.min(3, left - 1);
                accumulateFour(
                        weights,
                        w,
                        w + weightStride,
                        w + third * weightStride,
                        w + fourth * weightStride,
                        values,
                        valueOffset,
                        positions,
                        size,
                        paired,
                        output,
                        o,
                        o + outputStride,
                        o + third * outputStride,
                        o + fourth * outputStride);
            }
        }
        for (int query = 0; query < queryCount && paired < size; query++) {
            int weight = weightOffset + query * weightStride;
            int target = outputOffset + query * outputStride;
            ScalarAttention.tail(weights, weight, values, valueOffset, positions, paired, size, output, target);
        }
    }

    private static void accumulateOne(
            float[] weights,
            int weight,
            float[] values,
            int valueOffset,
            int positions,
            int size,
            int paired,
            float[] output,
            int target) {
        for (int d = 0; d < paired; d += PAIR) {
            FloatVector a0 = FloatVector.fromArray(SPECIES, output, target + d);
            FloatVector a1 = FloatVector.fromArray(SPECIES, output, target + d + LANES);
            int value = valueOffset + d;
            for (int p = 0; p < positions; p++) {
                FloatVector w = FloatVector.broadcast(SPECIES, weights[weight + p]);
                a0 = w.fma(FloatVector.fromArray(SPECIES, values, value + p * size), a0);
                a1 = w.fma(FloatVector.fromArray(SPECIES, values, value + p * size + LANES), a1);
            }
            a0.intoArray(output, target + d);
            a1.intoArray(output, target + d + LANES);
        }
    }

    private static void accumulateFour(
            float[] weights,
            int weight0,
            int weight1,
            int weight2,
            int weight3,
            float[] values,
            int valueOffset,
            int positions,
            int size,
            int paired,
            float[] output,
            int target0,
            int target1,
            int target2,
            int target3) {
        for (int d = 0; d < paired; d += PAIR) {
            FloatVector a0 = FloatVector.fromArray(SPECIES, output, target0 + d);
            FloatVector a1 = FloatVector.fromArray(SPECIES, output, target0 + d + LANES);
            FloatVector b0 = FloatVector.fromArray(SPECIES, output, target1 + d);
            FloatVector b1 = FloatVector.fromArray(SPECIES, output, target1 + d + LANES);
            FloatVector c0 = FloatVector.fromArray(SPECIES, output, target2 + d);
            FloatVector c1 = FloatVector.fromArray(SPECIES, output, target2 + d + LANES);
            FloatVector d0 = FloatVector.fromArray(SPECIES, output, target3 + d);
            FloatVector d1 = FloatVector.fromArray(SPECIES, output, target3 + d + LANES);
            int value = valueOffset + d;
            for (int p = 0; p < positions; p++) {
                FloatVector v0 = FloatVector.fromArray(SPECIES, values, value + p * size);
                FloatVector v1 = FloatVector.fromArray(SPECIES, values, value + p * size + LANES);
                FloatVector w = FloatVector.broadcast(SPECIES, weights[weight0 + p]);
                a0 = w.fma(v0, a0);
                a1 = w.fma(v1, a1);
                w = FloatVector.broadcast(SPECIES, weights[weight1 + p]);
                b0 = w.fma(v0, b0);
                b1 = w.fma(v1, b1);
                w = FloatVector.broadcast(SPECIES, weights[weight2 + p]);
                c0 = w.fma(v0, c0);
                c1 = w.fma(v1, c1);
                w = FloatVector.broadcast(SPECIES, weights[weight3 + p]);
                d0 = w.fma(v0, d0);
                d1 = w.fma(v1, d1);
            }
            a0.intoArray(output, target0 + d);
            a1.intoArray(output, target0 + d + LANES);
            b0.intoArray(output, target1 + d);
            b1.intoArray(output, target1 + d + LANES);
            c0.intoArray(output, target2 + d);
            c1.intoArray(output, target2 + d + LANES);
            d0.intoArray(output, target3 + d);
            d1.intoArray(output, target3 + d + LANES);
        }
    }
}
