package dev.lathe.compress.slice;

import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.Orthonormal;
import dev.lathe.compress.algebra.SymmetricEigen;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Optional;

/**
 * The directions in which one signal of the residual stream is kept: the columns of Q [full x kept], or all as they are. A
 * matrix that reads the signal becomes {@code W Q}, one that writes it {@code Qᵀ W}, and a shortcut from one signal to the next
 * {@code Qnextᵀ Q}. Root mean square norms without weights commute with all of that, because Q keeps lengths.
 *
 * <p>Ashkboos et al., "SliceGPT: Compress Large Language Models by Deleting Rows and Columns", 2024, arXiv 2401.15024, theorem 1
 * and section 3.3.
 *
 * @param full length of the signal before
 * @param directions orthonormal columns [full x kept]; empty keeps the signal as it is
 * @param kept share of the signal's squares that the directions hold
 */
record StreamBasis(int full, Optional<Matrix> directions, double kept) {
    static StreamBasis identity(int size) {
        return new StreamBasis(size, Optional.empty(), 1);
    }

    /**
     * The principal directions of a signal.
     *
     * @param gram of its rows
     * @param count how many
     */
    static StreamBasis principal(Matrix gram, int count, Workers workers) {
        SymmetricEigen eigen = SymmetricEigen.of(gram, workers);
        double all = 0;
        double kept = 0;
        for (int i = 0; i < gram.rows(); i++) {
            double squares = Math.max(0, eigen.values()[i]);
            all += squares;
            kept += i < count ? squares : 0;
        }
        return new StreamBasis(
                gram.rows(), Optional.of(eigen.vectors().firstColumns(count)), all == 0 ? 1 : kept / all);
    }

    /** Other directions of the same span, drawn at random, so that no coordinate is larger than others. */
    StreamBasis turned(long seed, Workers workers) {
        return new StreamBasis(
                full, directions.map(columns -> columns.times(Orthonormal.random(size(), seed), workers)), kept);
    }

    boolean isIdentity() {
        return directions.isEmpty();
    }

    /** Length of the signal in this basis. */
    int size() {
        return directions.map(Matrix::columns).orElse(full);
    }

    /** The basis as a matrix [full x size]. */
    Matrix matrix() {
        return directions.orElseGet(() -> Matrix.identity(full));
    }

    /** A matrix that reads the signal, {@code W diag(gain) Q}, with the gain of the norm before it. */
    Matrix reader(Matrix weights, double[] gain, Workers workers) {
        Matrix folded = NormFolding.gain(weights, gain);
        return directions.map(columns -> folded.times(columns, workers)).orElse(folded);
    }

    /** A matrix that writes the signal, or a bias as a column: {@code Qᵀ W}. */
    Matrix writer(Matrix weights, Workers workers) {
        return directions
                .map(columns -> columns.transposeTimes(weights, workers))
                .orElse(weights);
    }

    /** The matrix of a shortcut from this signal to the next [next size x size]; empty where both are as they were. */
    Optional<Matrix> shortcutTo(StreamBasis next, Workers workers) {
        return isIdentity() && next.isIdentity() ? Optional.empty() : Optional.of(next.writer(matrix(), workers));
    }

    /** Rows of the full signal in this basis. */
    FloatMatrix project(FloatMatrix rows, Workers workers) {
        return directions
                .map(columns -> Matrix.of(rows).times(columns, workers).toFloats())
                .orElse(rows);
    }
}
