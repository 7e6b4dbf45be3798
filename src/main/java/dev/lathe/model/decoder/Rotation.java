package dev.lathe.model.decoder;

import dev.lathe.model.config.AttentionConfig;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * What positions do to queries and keys: rotate them, in families that do so, and let queries grow in some. Immutable.
 *
 * @param attention says how
 * @param table which of the tables of angles
 * @param kernels how it is computed
 */
record Rotation(AttentionConfig attention, int table, ElementwiseKernels kernels) {
    /** Rotates the first elements of each head of a pass's row; heads lie {@code size} values apart. */
    void apply(float[] values, int offset, int heads, int size, int row, DecoderBuffers buffers) {
        if (attention.rope().isEmpty()) {
            return;
        }
        int half = attention.rope().get().dimensions() / 2;
        float[] cos = buffers.cos(table);
        float[] sin = buffers.sin(table);
        switch (attention.rotaryOrder()) {
            case PAIRS -> kernels.rotatePairs(values, offset, heads, size, half, cos, sin, row * half);
            case HALVES -> kernels.rotateHalves(values, offset, heads, size, half, cos, sin, row * half);
        }
    }

    /** Lets a row of queries grow with its position. */
    void warm(FloatMatrix query, int row, int position) {
        ScoreConfig scores = attention.scores();
        if (scores.temperatureScale() != 0) {
            int lengths = (position + scores.temperatureFrom()) / scores.temperatureLength();
            float factor = (float) (1 + scores.temperatureScale() * StrictMath.log1p(lengths));
            kernels.scale(query.data(), query.offset(row), factor, query.data(), query.offset(row), query.columns());
        }
    }
}
