package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;

/**
 * In which order the blocks of a matrix go, and what each costs when it goes: the squared error of the outputs that it adds to that
 * of the blocks before it, while all that is left of its stripe makes up for them, relative to the squares of all outputs. Stripes
 * have outputs of their own, so the costs of all blocks that are gone add up to the error of the whole matrix.
 *
 * <p>What a block costs alone says little: of two blocks that can stand in for each other each costs nothing, both cost much.
 *
 * @param blocks numbers of {@link BlockMask}, stripe after stripe, those of each in the order in which they go
 * @param costs of each in that order; never less than that of the one before it in its stripe
 * @see ColumnElimination
 */
record BlockOrder(int[] blocks, double[] costs) {
    static BlockOrder of(FloatMatrix weights, GramMatrix gram, int blockColumns, Workers workers) {
        int columns = weights.columns();
        int perStripe = columns / blockColumns;
        int stripes = (weights.rows() + BlockMask.ROWS - 1) / BlockMask.ROWS;
        int[] blocks = new int[stripes * perStripe];
        double[] costs = new double[blocks.length];
        double[] inverse = ColumnElimination.inverse(gram, workers);
        int[][] groups = ColumnElimination.neighbours(columns, blockColumns);
        double squares = Arrays.stream(outputSquares(weights, gram, workers)).sum();
        for (int stripe = 0; stripe < stripes; stripe++) {
            ColumnElimination elimination =
                    new ColumnElimination(inverse.clone(), rows(weights, stripe), groups, workers);
            double least = 0;
            for (int i = stripe * perStripe; i < (stripe + 1) * perStripe; i++) {
                least = Math.max(least, squares > 0 ? elimination.removeCheapest() / squares : 0);
                costs[i] = least;
                blocks[i] = stripe * perStripe + (squares > 0 ? elimination.lastRemoved() : i % perStripe);
            }
        }
        return new BlockOrder(blocks, costs);
    }

    /** The same order, each block costing so many times as much. */
    BlockOrder scaled(double factor) {
        return new BlockOrder(
                blocks, Arrays.stream(costs).map(cost -> factor * cost).toArray());
    }

    private static FloatMatrix rows(FloatMatrix weights, int stripe) {
        int from = stripe * BlockMask.ROWS;
        int to = Math.min(weights.rows(), from + BlockMask.ROWS);
        float[] data = Arrays.copyOfRange(weights.data(), weights.offset(from), weights.offset(to));
        return new FloatMatrix(data, to - from, weights.columns());
    }

    /** The squares of each output, summed over the rows of the inputs: the diagonal of W G Wᵀ. */
    static double[] outputSquares(FloatMatrix weights, GramMatrix gram, Workers workers) {
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
        return byRow;
    }
}
