package dev.lathe.compress.quantize;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import dev.lathe.tensor.codec.BlockGrid;

/**
 * Rounds a row's weights one after the other and lets those to the right make up for each error: with H the damped Gram matrix
 * of the inputs and U the upper factor of its inverse, H⁻¹ = Uᵀ U, rounding w_j to q_j leaves the error e = (w_j - q_j) / U_jj,
 * and the weights right of it become w - e U_j. The squared error of the outputs is the sum of e². A block's scales are fitted
 * when its first column is reached, to the weights as they have become; the numbers are those that the format itself can hold.
 *
 * <p>A row that this makes no better than rounding to nearest is rounded to nearest.
 *
 * <p>Source: Frantar, Ashkboos, Hoefler, Alistarh 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
 * Transformers", arXiv 2210.17323, algorithm 1, on each row by itself; columns in their order, so that blocks stay whole. All
 * in float64.
 */
final class Gptq implements RowRounding {
    private final TensorType type;
    private final InverseFactor factor;
    private final BlockFit fit;
    private final RowRounding nearest;

    /**
     * Rounds rows of a matrix.
     *
     * @param factor of the matrix's inputs
     * @param fit chooses scales
     * @param nearest what a row must be better than
     */
    Gptq(TensorType type, InverseFactor factor, BlockFit fit, RowRounding nearest) {
        this.type = type;
        this.factor = factor;
        this.fit = fit;
        this.nearest = nearest;
    }

    @Override
    public void round(float[] weights, byte[] target) {
        double error = compensated(weights, target);
        byte[] plain = new byte[target.length];
        nearest.round(weights, plain);
        if (!(error < squaredError(type, factor, weights, plain))) {
            System.arraycopy(plain, 0, target, 0, plain.length);
        }
    }

    /** Encodes the row and returns the squared error of its outputs. */
    private double compensated(float[] weights, byte[] target) {
        double[] row = new double[weights.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = weights[i];
        }
        float[] rounded = new float[weights.length];
        double total = 0;
        for (int block = 0, at = 0; block < row.length; block += type.blockSize(), at += type.blockBytes()) {
            for (int column = block; column < block + type.blockSize(); column++) {
                rounded[column] = (float) row[column];
            }
            BlockGrid grid = fit.fit(rounded, block);
            for (int column = block; column < block + type.blockSize(); column++) {
                rounded[column] = grid.nearest(column - block, (float) row[column]);
                double error = (row[column] - rounded[column]) / factor.diagonal(column);
                factor.subtract(error, column, row);
                total += error * error;
            }
            grid.encode(rounded, block, target, at);
        }
        return total;
    }

    static double squaredError(TensorType type, InverseFactor factor, float[] weights, byte[] blocks) {
        float[] decoded = new float[weights.length];
        BlockCodec.of(type).decode(blocks, 0, decoded, 0, decoded.length);
        double[] change = new double[weights.length];
        for (int i = 0; i < change.length; i++) {
            change[i] = (double) decoded[i] - weights[i];
        }
        return factor.squaredError(change);
    }
}
