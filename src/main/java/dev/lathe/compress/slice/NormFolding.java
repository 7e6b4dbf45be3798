package dev.lathe.compress.slice;

import dev.lathe.compress.algebra.Matrix;

/**
 * Moves what norms multiply and add into the matrices around them, so that a plain root mean square norm remains.
 *
 * <p>A norm's gain goes into the columns of the matrices that read it, its shift into their biases. A layer norm also subtracts
 * the mean of its row; that is already done where everything that writes the row has mean zero, so matrices, biases and
 * embeddings that write it are centered: after that {@code LayerNorm(x) = RMSNorm(x)} for every row. A rotation does it on the way
 * where none of its directions has a share in the mean: see {@link #centeredGram}. Models with root mean square norms must not be
 * centered. Ashkboos et al., 2024, arXiv 2401.15024, section 3.1 and appendix A.1.
 */
final class NormFolding {
    private NormFolding() {}

    /** A reader [outputs x inputs] with the gain of the norm before it folded in: {@code W diag(gain)}. */
    static Matrix gain(Matrix reader, double[] gain) {
        return reader.scaleColumns(gain);
    }

    /** The bias of a reader with the shift of the norm before it folded in: {@code bias + W shift}, by the W before its gain. */
    static double[] shift(Matrix reader, double[] shift, double[] bias) {
        double[] result = bias.clone();
        for (int row = 0; row < result.length; row++) {
            for (int column = 0; column < shift.length; column++) {
                result[row] += reader.get(row, column) * shift[column];
            }
        }
        return result;
    }

    /**
     * The Gram matrix that centered rows would have given. The direction of the mean, in which they have nothing, gets the one
     * eigenvalue below zero: it comes last, and all others stand upright on it.
     */
    static Matrix centeredGram(Matrix gram) {
        Matrix centered = centerOutputs(centerRows(gram));
        int size = gram.rows();
        double trace = 0;
        for (int i = 0; i < size; i++) {
            trace += centered.get(i, i);
        }
        double less = trace > 0 ? trace / size : 1;
        for (int i = 0; i < size * size; i++) {
            centered.data()[i] -= less;
        }
        return centered;
    }

    /** A matrix whose outputs are written to the stream [hidden x inputs], so that their mean is always zero. */
    static Matrix centerOutputs(Matrix writer) {
        return centerRows(writer.transpose()).transpose();
    }

    /** Rows that are written to the stream, such as embeddings [tokens x hidden] or a bias, each less its mean. */
    static Matrix centerRows(Matrix rows) {
        Matrix result = Matrix.zeros(rows.rows(), rows.columns());
        for (int row = 0; row < rows.rows(); row++) {
            double mean = 0;
            for (int column = 0; column < rows.columns(); column++) {
                mean += rows.get(row, column) / rows.columns();
            }
            for (int column = 0; column < rows.columns(); column++) {
                result.data()[row * rows.columns() + column] = rows.get(row, column) - mean;
            }
        }
        return result;
    }
}
