package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/**
 * What removing each block of a matrix costs: the least squared error of the outputs when the other columns of the block's rows
 * make up for it, trace(W_S ([H⁻¹]_SS)⁻¹ W_Sᵀ) with H the damped Gram matrix, relative to the squares of all outputs.
 */
final class BlockScores {
    private BlockScores() {}

    /** One score a block, in the order of {@link BlockMask}. */
    static double[] of(FloatMatrix weights, GramMatrix gram, int blockColumns, Workers workers) {
        int columns = weights.columns();
        int perStripe = columns / blockColumns;
        int stripes = (weights.rows() + BlockMask.ROWS - 1) / BlockMask.ROWS;
        double[] damped = gram.damped(Damping.FITTING);
        double[] inverse = Cholesky.of(damped, columns, workers).inverse();
        double[] scores = new double[stripes * perStripe];
        double squares = outputSquares(weights, gram, workers);
        workers.run(perStripe, block -> {
            double[] part = new double[blockColumns * blockColumns];
            int first = block * blockColumns;
            for (int i = 0; i < blockColumns; i++) {
                System.arraycopy(inverse, (first + i) * columns + first, part, i * blockColumns, blockColumns);
            }
            Cholesky factor = Cholesky.of(part, blockColumns, Workers.single());
            double[] solved = new double[blockColumns];
            for (int row = 0; row < weights.rows(); row++) {
                int offset = weights.offset(row) + first;
                for (int i = 0; i < blockColumns; i++) {
                    solved[i] = weights.data()[offset + i];
                }
                factor.solveRows(solved, 1);
                double cost = 0;
                for (int i = 0; i < blockColumns; i++) {
                    cost += solved[i] * weights.data()[offset + i];
                }
                scores[row / BlockMask.ROWS * perStripe + block] += squares > 0 ? cost / squares : 0;
            }
        });
        return scores;
    }

    /** trace(W G Wᵀ). */
    private static double outputSquares(FloatMatrix weights, GramMatrix gram, Workers workers) {
        double[] g = gram.toArray();
        double[] byRow = new double[weights.rows()];
        int columns = weights.columns();
        workers.run(weights.rows(), row -> {
            int offset = weights.offset(row);
            for (int i = 0; i < columns; i++) {
                double product = 0;
                for (int j = 0; j < columns; j++) {
                    product += g[i * columns + j] * weights.data()[offset + j];
                }
                byRow[row] += product * weights.data()[offset + i];
            }
        });
        double total = 0;
        for (double one : byRow) {
            total += one;
        }
        return total;
    }
}
