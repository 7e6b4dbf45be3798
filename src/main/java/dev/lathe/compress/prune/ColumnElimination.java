package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Removes groups of a matrix's input columns, the cheapest first, and lets the others make up for each: with H the damped Gram
 * matrix of the inputs, removing columns S of W costs trace(W_S ([H⁻¹]_SS)⁻¹ W_Sᵀ), and what remains is W - W_S ([H⁻¹]_SS)⁻¹
 * [H⁻¹]_S. At every time the rest is the least-squares fit to the outputs of the whole matrix, held near its weights by the
 * damping; so it is never worse than the plain rest.
 *
 * <p>Source: the optimal brain surgeon (Hassibi, Stork 1992) on groups, as in Kurtić, Frantar, Alistarh 2023, "ZipLM:
 * Inference-Aware Structured Pruning of Language Models", arXiv 2302.04089.
 */
final class ColumnElimination {
    private static final int ROWS_A_PART = 32;
    private static final int COLUMNS_A_PART = 64;

    private final int columns;
    private final int rows;
    private final double[] w; // [rows x columns]
    private final double[] inverse; // [columns x columns]
    private final int[][] groups;
    private final boolean[] gone; // by group
    private final Workers workers;
    private int lastRemoved = -1;

    /**
     * Removes nothing yet.
     *
     * @param gram of the inputs
     * @param weights [outputs x inputs]
     * @param groups columns that go together; each column is in one group
     */
    ColumnElimination(GramMatrix gram, FloatMatrix weights, int[][] groups, Workers workers) {
        this(inverse(gram, workers), weights, groups, workers);
    }

    /** With the {@link #inverse} of the Gram matrix, which is changed. */
    ColumnElimination(double[] inverse, FloatMatrix weights, int[][] groups, Workers workers) {
        columns = weights.columns();
        rows = weights.rows();
        w = new double[rows * columns];
        for (int i = 0; i < w.length; i++) {
            w[i] = weights.data()[i];
        }
        this.inverse = inverse;
        this.groups = groups;
        gone = new boolean[groups.length];
        this.workers = workers;
    }

    /** The inverse of the damped Gram matrix of the inputs. */
    static double[] inverse(GramMatrix gram, Workers workers) {
        return Cholesky.of(gram.damped(Damping.FITTING), gram.size(), workers).inverse();
    }

    /** Groups of so many neighbouring columns. */
    static int[][] neighbours(int columns, int count) {
        return IntStream.range(0, columns / count)
                .mapToObj(group ->
                        IntStream.range(group * count, (group + 1) * count).toArray())
                .toArray(int[][]::new);
    }

    /** Every column a group of its own. */
    static int[][] singles(int columns) {
        return neighbours(columns, 1);
    }

    /**
     * Removes the cheapest group that is left, of equal ones the first.
     *
     * @return what it costs: the squared error of the outputs over the calibration tokens, and the damping's share
     */
    double removeCheapest() {
        double[] costs = costs();
        int cheapest = 0;
        for (int group = 1; group < costs.length; group++) {
            if (costs[group] < costs[cheapest]) {
                cheapest = group;
            }
        }
        remove(cheapest);
        lastRemoved = cheapest;
        return costs[cheapest];
    }

    /** The group that was removed last. */
    int lastRemoved() {
        return lastRemoved;
    }

    /** The columns that are left, ascending. */
    int[] keptColumns() {
        return IntStream.range(0, groups.length)
                .filter(group -> !gone[group])
                .flatMap(group -> Arrays.stream(groups[group]))
                .sorted()
                .toArray();
    }

    /** The matrix of the columns that are left. */
    FloatMatrix kept() {
        int[] kept = keptColumns();
        FloatMatrix result = FloatMatrix.zeros(rows, kept.length);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < kept.length; i++) {
                result.data()[result.offset(row) + i] = (float) w[row * columns + kept[i]];
            }
        }
        return result;
    }

    /** For each group trace(([H⁻¹]_SS)⁻¹ W_Sᵀ W_S); infinite where it is gone. */
    private double[] costs() {
        double[] costs = new double[groups.length];
        int each = Math.max(1, COLUMNS_A_PART / groups[0].length);
        workers.run((groups.length + each - 1) / each, part -> {
            int from = part * each;
            int to = Math.min(groups.length, from + each);
            double[][] products = new double[to - from][];
            Arrays.setAll(products, i -> new double[groups[from + i].length * groups[from + i].length]);
            for (int row = 0; row < rows; row++) {
                for (int group = from; group < to; group++) {
                    if (!gone[group]) {
                        addProducts(row * columns, groups[group], products[group - from]);
                    }
                }
            }
            for (int group = from; group < to; group++) {
                costs[group] = gone[group]
                        ? Double.POSITIVE_INFINITY
                        : product(inverseOfBlock(groups[group]), products[group - from]);
            }
        });
        return costs;
    }

    private void addProducts(int line, int[] set, double[] products) {
        for (int i = 0; i < set.length; i++) {
            double factor = w[line + set[i]];
            for (int j = 0; j < set.length; j++) {
                products[i * set.length + j] += factor * w[line + set[j]];
            }
        }
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** ([H⁻¹]_SS)⁻¹. */
    private double[] inverseOfBlock(int[] set) {
        if (set.length == 1) {
            return new double[] {1 / inverse[set[0] * columns + set[0]]};
        }
        double[] block = new double[set.length * set.length];
        for (int i = 0; i < set.length; i++) {
            for (int j = 0; j < set.length; j++) {
                block[i * set.length + j] = inverse[set[i] * columns + set[j]];
            }
        }
        return Cholesky.of(block, set.length, Workers.single()).inverse();
    }

    private void remove(int group) {
        int[] set = groups[group];
        double[] block = inverseOfBlock(set);
        double[] lines = new double[set.length * columns]; // ([H⁻¹]_SS)⁻¹ [H⁻¹]_S
        for (int i = 0; i < set.length; i++) {
            for (int j = 0; j < set.length; j++) {
                addLine(block[i * set.length + j], inverse, set[j] * columns, lines, i * columns);
            }
        }
        int parts = (rows + columns + ROWS_A_PART - 1) / ROWS_A_PART;
        workers.run(parts, part -> {
            double[] factors = new double[set.length]; // of the line before it changes
            for (int line = part * ROWS_A_PART; line < Math.min(rows + columns, (part + 1) * ROWS_A_PART); line++) {
                if (line < rows) {
                    eliminate(w, line * columns, set, lines, factors);
                } else {
                    eliminate(inverse, (line - rows) * columns, set, lines, factors);
                }
            }
        });
        for (int column : set) { // exact zeros
            Arrays.fill(inverse, column * columns, (column + 1) * columns, 0);
            for (int i = 0; i < columns; i++) {
                inverse[i * columns + column] = 0;
            }
            for (int row = 0; row < rows; row++) {
                w[row * columns + column] = 0;
            }
        }
        gone[group] = true;
    }

    private void eliminate(double[] matrix, int at, int[] set, double[] lines, double[] factors) {
        for (int i = 0; i < set.length; i++) {
            factors[i] = matrix[at + set[i]];
        }
        for (int i = 0; i < set.length; i++) {
            if (factors[i] != 0) {
                addLine(-factors[i], lines, i * columns, matrix, at);
            }
        }
    }

    private void addLine(double factor, double[] from, int fromAt, double[] to, int toAt) {
        for (int j = 0; j < columns; j++) {
            to[toAt + j] += factor * from[fromAt + j];
        }
    }
}
