package dev.lathe.compress;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;

/**
 * The sum of x xᵀ over rows x, in float64: [size x size], symmetric. Rows are added in their order, so the sum does not
 * depend on the threads. One thread at a time.
 */
public final class GramMatrix {
    private static final int ROWS_AT_ONCE = 4;
    private static final int PARTS_A_THREAD = 8;

    private final int size;
    private final double[] sums; // [size x size], lower triangle
    private long rows;

    /** A sum of no rows. */
    public GramMatrix(int size) {
        this.size = size;
        sums = new double[Math.multiplyExact(size, size)];
    }

    /** Length of a row. */
    public int size() {
        return size;
    }

    /** Rows added. */
    public long rows() {
        return rows;
    }

    /** Adds every row of the matrix. */
    public void add(FloatMatrix matrix, Workers workers) {
        if (matrix.columns() != size) {
            throw new IllegalArgumentException(
                    "rows of " + matrix.columns() + " cannot be added to a Gram matrix of " + size);
        }
        int padded = (matrix.rows() + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE * ROWS_AT_ONCE; // rows of zeros add nothing
        double[] x = new double[Math.multiplyExact(padded, size)];
        for (int i = 0; i < matrix.rows() * size; i++) {
            x[i] = matrix.data()[i];
        }
        int parts = Math.min(size, workers.count() * PARTS_A_THREAD);
        workers.run(parts, part -> {
            int from = triangle(part, parts);
            int to = triangle(part + 1, parts);
            for (int row = 0; row < padded; row += ROWS_AT_ONCE) {
                for (int i = from; i < to; i++) {
                    addFour(x, row * size, i);
                }
            }
        });
        rows += matrix.rows();
    }

    /** The row of the triangle at which a part of equal work begins. */
    private int triangle(int part, int parts) {
        return (int) Math.round(size * Math.sqrt((double) part / parts));
    }

    /** Adds four rows to line i of the lower triangle. */
    private void addFour(double[] x, int row, int i) {
        int line = i * size;
        int row1 = row + size;
        int row2 = row1 + size;
        int row3 = row2 + size;
        double x0 = x[row + i];
        double x1 = x[row1 + i];
        double x2 = x[row2 + i];
        double x3 = x[row3 + i];
        for (int j = 0; j <= i; j++) {
            sums[line + j] += x0 * x[row + j] + x1 * x[row1 + j] + x2 * x[row2 + j] + x3 * x[row3 + j];
        }
    }

    /** The whole symmetric matrix, row major; a copy. */
    public double[] toArray() {
        double[] full = Arrays.copyOf(sums, sums.length);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                full[j * size + i] = full[i * size + j];
            }
        }
        return full;
    }

    /** Of one row whose elements are one and have nothing to do with each other. */
    static GramMatrix identity(int size) {
        GramMatrix identity = new GramMatrix(size);
        for (int i = 0; i < size; i++) {
            identity.sums[i * size + i] = 1;
        }
        identity.rows = 1;
        return identity;
    }

    /** The sum that rows whose columns are multiplied by factors would have given. */
    public GramMatrix scaled(float[] factors) {
        GramMatrix scaled = new GramMatrix(size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                scaled.sums[i * size + j] = sums[i * size + j] * factors[i] * factors[j];
            }
        }
        scaled.rows = rows;
        return scaled;
    }

    /** The sum that rows would have given whose element i is the element {@code order[i]} of these. */
    public GramMatrix ordered(int[] order) {
        GramMatrix ordered = new GramMatrix(size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                int from = Math.max(order[i], order[j]);
                int to = Math.min(order[i], order[j]);
                ordered.sums[i * size + j] = sums[from * size + to];
            }
        }
        ordered.rows = rows;
        return ordered;
    }

    /**
     * A copy that is safely inverted: with a share of the mean of the diagonal added to it, or 1 where all rows were zero.
     *
     * @return [size x size], row major
     * @throws ArithmeticException if sums are not finite
     */
    public double[] damped(double share) {
        double[] result = toArray();
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += result[i * size + i];
        }
        if (!Double.isFinite(trace)) {
            throw new ArithmeticException("a Gram matrix of " + size + " inputs has the trace " + trace
                    + ": the model's activations on the calibration text are not finite");
        }
        double damping = trace > 0 ? share * trace / size : 1;
        for (int i = 0; i < size; i++) {
            result[i * size + i] += damping;
        }
        return result;
    }

    /** The sums of squares of each column. */
    public double[] diagonal() {
        double[] diagonal = new double[size];
        Arrays.setAll(diagonal, i -> sums[i * size + i]);
        return diagonal;
    }
}
