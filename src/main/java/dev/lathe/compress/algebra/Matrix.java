package dev.lathe.compress.algebra;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/**
 * A dense float64 matrix [rows x columns], row major. Its owner may change the elements; not thread-safe while they change.
 *
 * @param data element (r, c) is {@code data[r * columns + c]}
 * @param rows number of rows
 * @param columns length of each row
 */
public record Matrix(double[] data, int rows, int columns) {
    private static final int PARTS_A_THREAD = 4;
    private static final int INNER_AT_ONCE = 4;

    /** Checks that the array has the size of the matrix. */
    public Matrix {
        if (rows < 0 || columns < 0 || (long) rows * columns != data.length) {
            throw new IllegalArgumentException(
                    "a matrix of [" + rows + " x " + columns + "] does not have " + data.length + " elements");
        }
    }

    /** Zeros. */
    public static Matrix zeros(int rows, int columns) {
        return new Matrix(new double[Math.multiplyExact(rows, columns)], rows, columns);
    }

    /** Ones on the diagonal, zeros elsewhere. */
    public static Matrix identity(int size) {
        Matrix identity = zeros(size, size);
        for (int i = 0; i < size; i++) {
            identity.data[i * size + i] = 1;
        }
        return identity;
    }

    /** The same numbers, wider. */
    public static Matrix of(FloatMatrix matrix) {
        Matrix result = zeros(matrix.rows(), matrix.columns());
        for (int i = 0; i < result.data.length; i++) {
            result.data[i] = matrix.data()[i];
        }
        return result;
    }

    /** The elements rounded to float32. */
    public FloatMatrix toFloats() {
        FloatMatrix result = FloatMatrix.zeros(rows, columns);
        for (int i = 0; i < data.length; i++) {
            result.data()[i] = (float) data[i];
        }
        return result;
    }

    /** One element. */
    public double get(int row, int column) {
        return data[row * columns + column];
    }

    /** A copy with rows and columns exchanged. */
    public Matrix transpose() {
        Matrix result = zeros(columns, rows);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                result.data[column * rows + row] = data[row * columns + column];
            }
        }
        return result;
    }

    /** A copy of the first columns. */
    public Matrix firstColumns(int count) {
        Matrix result = zeros(rows, count);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(data, row * columns, result.data, row * count, count);
        }
        return result;
    }

    /** A copy whose column c is multiplied by {@code factors[c]}. */
    public Matrix scaleColumns(double[] factors) {
        Matrix result = zeros(rows, columns);
        for (int i = 0; i < data.length; i++) {
            result.data[i] = data[i] * factors[i % columns];
        }
        return result;
    }

    /** The product {@code this * right}. Each element is added in the order of the inner index. */
    public Matrix times(Matrix right, Workers workers) {
        if (columns != right.rows) {
            throw new IllegalArgumentException("matrices of [" + rows + " x " + columns + "] and [" + right.rows + " x "
                    + right.columns + "] cannot be multiplied");
        }
        Matrix product = zeros(rows, right.columns);
        forRows(rows, workers, row -> {
            int inner = 0;
            for (; inner + INNER_AT_ONCE <= columns; inner += INNER_AT_ONCE) {
                product.addFour(row, this, inner, right);
            }
            for (; inner < columns; inner++) {
                product.addOne(row, get(row, inner), right, inner);
            }
        });
        return product;
    }

    /** The product {@code thisᵀ * right}. */
    public Matrix transposeTimes(Matrix right, Workers workers) {
        return transpose().times(right, workers);
    }

    /** The symmetric product {@code thisᵀ * this}. */
    public Matrix gram(Workers workers) {
        return transposeTimes(this, workers);
    }

    private void addOne(int row, double factor, Matrix right, int rightRow) {
        int at = row * columns;
        int from = rightRow * right.columns;
        for (int column = 0; column < columns; column++) {
            data[at + column] += factor * right.data[from + column];
        }
    }

    private void addFour(int row, Matrix left, int inner, Matrix right) {
        int at = row * columns;
        int from = inner * columns;
        double f0 = left.get(row, inner);
        double f1 = left.get(row, inner + 1);
        double f2 = left.get(row, inner + 2);
        double f3 = left.get(row, inner + 3);
        double[] source = right.data;
        for (int column = 0; column < columns; column++) {
            data[at + column] += f0 * source[from + column]
                    + f1 * source[from + columns + column]
                    + f2 * source[from + 2 * columns + column]
                    + f3 * source[from + 3 * columns + column];
        }
    }

    private static void forRows(int rows, Workers workers, Workers.PartTask task) {
        int parts = Math.clamp(rows, 1, PARTS_A_THREAD * workers.count());
        workers.run(parts, part -> {
            int end = (int) ((long) rows * (part + 1) / parts);
            for (int row = (int) ((long) rows * part / parts); row < end; row++) {
                task.run(row);
            }
        });
    }

    /** The sum of the squares of all elements. */
    public double squares() {
        double sum = 0;
        for (double value : data) {
            sum += value * value;
        }
        return sum;
    }
}
