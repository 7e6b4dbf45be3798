package dev.lathe.compress.quantize;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockGrid;

/**
 * Fits a block's scales to weights of which the outermost are clipped: of {@value #STEPS} ranges, from the whole one down to
 * about half of it, the one whose rounding errors make the least squared error of the outputs, as far as the block alone makes
 * it.
 *
 * <p>Source: the clipping search of AWQ (Lin et al. 2023, "AWQ: Activation-aware Weight Quantization for LLM Compression and
 * Acceleration", arXiv 2306.00978), with the expected error of the outputs in place of outputs of a sample.
 */
final class ClippedFit implements RowRounding.BlockFit {
    private static final int STEPS = 10;
    private static final float STEP = 0.05f;

    /** Weights that are clipped to one range: every type's scales hold for so many or for a part of them. */
    private static final int GROUP = 32;

    private final TensorType type;
    private final float[] importances;
    private final double[] gram;
    private final int size;

    ClippedFit(TensorType type, float[] importances, GramMatrix gram) {
        this.type = type;
        this.importances = importances;
        this.gram = gram.toArray();
        this.size = gram.size();
    }

    @Override
    public BlockGrid fit(float[] row, int column) {
        float[] clipped = new float[type.blockSize()];
        double[] errors = new double[clipped.length];
        BlockGrid best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int step = 0; step < STEPS; step++) {
            clip(row, column, 1 - step * STEP, clipped);
            BlockGrid grid = BlockGrid.fit(type, clipped, 0, blockImportances(column), 0);
            for (int i = 0; i < errors.length; i++) {
                errors[i] = grid.nearest(i, row[column + i]) - row[column + i];
            }
            double error = squaredError(errors, column);
            if (error < least) {
                least = error;
                best = grid;
            }
        }
        return best;
    }

    private float[] blockImportances(int column) {
        return java.util.Arrays.copyOfRange(importances, column, column + type.blockSize());
    }

    private static void clip(float[] row, int column, float share, float[] clipped) {
        for (int group = 0; group < clipped.length; group += GROUP) {
            float range = 0;
            for (int i = group; i < group + GROUP; i++) {
                range = Math.max(range, Math.abs(row[column + i]));
            }
            for (int i = group; i < group + GROUP; i++) {
                clipped[i] = Math.clamp(row[column + i], -share * range, share * range);
            }
        }
    }

    /** What errors of the block's weights alone make of the outputs. */
    private double squaredError(double[] errors, int column) {
        double total = 0;
        for (int i = 0; i < errors.length; i++) {
            int line = (column + i) * size + column;
            double sum = 0;
            for (int j = 0; j < i; j++) {
                sum += gram[line + j] * errors[j];
            }
            total += errors[i] * (2 * sum + gram[line + i] * errors[i]);
        }
        return total;
    }
}
