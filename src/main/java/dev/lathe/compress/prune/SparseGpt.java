package dev.lathe.compress.prune;

import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/**
 * Removes weights column after column and lets the columns to the right make up for each: with H the Gram matrix of the
 * inputs and U the upper triangular factor of its inverse, H⁻¹ = Uᵀ U, removing w_ij costs (w_ij / U_jj)², and the rest of the
 * row becomes w_i,j.. - (w_ij / U_jj) U_j,j.. . What is removed is chosen for {@value #BLOCK} columns at a time among all rows,
 * with the weights as they have become; in groups, when their first column is reached.
 *
 * <p>Source: Frantar, Alistarh 2023, "SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot", arXiv
 * 2301.00774, algorithm 1; all in float64.
 */
final class SparseGpt implements PruningMethod {
    private static final int BLOCK = 128;
    private static final int ROWS_A_PART = 8;

    @Override
    public String methodName() {
        return "sparsegpt";
    }

    @Override
    public Needs needs() {
        return Needs.GRAM;
    }

    @Override
    public FloatMatrix prune(FloatMatrix weights, LinearInput input, Sparsity sparsity, Workers workers) {
        if (sparsity.fraction() == 0) {
            return weights;
        }
        if (sparsity instanceof Sparsity.Grouped groups) {
            Mask.requireWholeGroups(weights.columns(), groups);
        }
        double[] h = input.gram().damped(Damping.PRUNING);
        double[] u = Cholesky.upperFactorOfInverse(h, weights.columns(), workers);
        return new Work(weights, u, sparsity, workers).run();
    }

    /** One matrix on its way. */
    private static final class Work {
        private final int rows;
        private final int columns;
        private final double[] w; // [rows x columns]
        private final double[] u; // [columns x columns], upper triangle
        private final Sparsity sparsity;
        private final Workers workers;

        Work(FloatMatrix weights, double[] u, Sparsity sparsity, Workers workers) {
            rows = weights.rows();
            columns = weights.columns();
            w = new double[rows * columns];
            for (int i = 0; i < w.length; i++) {
                w[i] = weights.data()[i];
            }
            this.u = u;
            this.sparsity = sparsity;
            this.workers = workers;
        }

        FloatMatrix run() {
            int group = sparsity instanceof Sparsity.Grouped groups ? groups.group() : 1;
            int width = (BLOCK + group - 1) / group * group;
            for (int from = 0; from < columns; from += width) {
                removeBlock(from, Math.min(columns, from + width));
            }
            FloatMatrix result = FloatMatrix.zeros(rows, columns);
            for (int i = 0; i < w.length; i++) {
                result.data()[i] = (float) w[i];
            }
            return result;
        }

        private void removeBlock(int from, int to) {
            int width = to - from;
            boolean[] removed = new boolean[rows * width];
            if (sparsity instanceof Sparsity.Unstructured any) {
                double[] scores = new double[rows * width];
                for (int row = 0; row < rows; row++) {
                    score(row, from, to, scores, row * width);
                }
                int count = share(any.fraction(), to) - share(any.fraction(), from); // exact over the whole matrix
                Mask.lowest(scores, 0, scores.length, count, removed, 0);
            }
            int parts = (rows + ROWS_A_PART - 1) / ROWS_A_PART;
            workers.run(parts, part -> {
                for (int row = part * ROWS_A_PART; row < Math.min(rows, (part + 1) * ROWS_A_PART); row++) {
                    removeInRow(row, from, to, removed, row * width);
                }
            });
        }

        private int share(double fraction, int column) {
            return (int) (fraction * (rows * column));
        }

        private void score(int row, int from, int to, double[] scores, int at) {
            for (int column = from; column < to; column++) {
                double error = w[row * columns + column] / u[column * columns + column];
                scores[at + column - from] = error * error;
            }
        }

        private void removeInRow(int row, int from, int to, boolean[] removed, int at) {
            double[] errors = new double[to - from];
            int line = row * columns;
            for (int column = from; column < to; column++) {
                if (sparsity instanceof Sparsity.Grouped groups && column % groups.group() == 0) {
                    double[] scores = new double[groups.group()];
                    score(row, column, column + groups.group(), scores, 0);
                    Mask.lowest(scores, 0, scores.length, groups.removed(), removed, at + column - from);
                }
                if (removed[at + column - from]) {
                    double error = w[line + column] / u[column * columns + column];
                    w[line + column] = 0;
                    errors[column - from] = error;
                    subtract(error, column, line, column + 1, to);
                }
            }
            for (int column = from; column < to; column++) {
                if (errors[column - from] != 0) {
                    subtract(errors[column - from], column, line, to, columns);
                }
            }
        }

        private void subtract(double error, int column, int line, int from, int to) {
            int upper = column * columns;
            for (int j = from; j < to; j++) {
                w[line + j] -= error * u[upper + j];
            }
        }
    }
}
