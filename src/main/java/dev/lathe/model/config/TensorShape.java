package dev.lathe.model.config;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * A tensor that a layer has, and its shape.
 *
 * @param role what it is for
 * @param kind how it is read
 * @param count how many matrices or vectors of the shape are stacked in it; 1 but for experts and heads
 * @param rows outputs of a matrix; the length of a vector
 * @param columns inputs of a matrix; 1 for vectors
 * @param fusion the larger tensor in which it may be a range of rows
 */
public record TensorShape(TensorRole role, Kind kind, int count, int rows, int columns, Optional<Fusion> fusion) {
    /** How a tensor is read. */
    public enum Kind {
        /** A linear layer, to whose outputs a bias may be added. */
        MATRIX,
        /** As many linear layers as {@code count} says, in one tensor. */
        STACK,
        /** A norm of the residual stream. */
        NORM,
        /** A vector that is there. */
        VECTOR,
        /** As many vectors as {@code count} says, in one tensor, which may be absent. */
        GAINS,
        /** A bias without a matrix, which may be absent. */
        BIAS,
        /** The matrix on a residual connection, in sliced models. */
        RESIDUAL
    }

    /**
     * A range of rows of a larger matrix.
     *
     * @param role the larger matrix
     * @param from first row
     * @param rows rows of the larger matrix
     * @param alone what a file has beside it that has the range alone
     * @param usual whether it is there where the other is not
     */
    public record Fusion(TensorRole role, int from, int rows, TensorRole alone, boolean usual) {
        /**
         * Whether a file has the larger matrix.
         *
         * @param has whether the file has a matrix of a role in the layer
         */
        public boolean isIn(Predicate<TensorRole> has) {
            return !has.test(alone) && (usual || has.test(role));
        }
    }

    static TensorShape matrix(TensorRole role, int rows, int columns) {
        return new TensorShape(role, Kind.MATRIX, 1, rows, columns, Optional.empty());
    }

    static TensorShape stack(TensorRole role, int count, int rows, int columns) {
        return new TensorShape(role, Kind.STACK, count, rows, columns, Optional.empty());
    }

    static TensorShape gains(TensorRole role, int count, int rows) {
        return new TensorShape(role, Kind.GAINS, count, rows, 1, Optional.empty());
    }

    static TensorShape of(Kind kind, TensorRole role, int size) {
        return new TensorShape(role, kind, 1, size, 1, Optional.empty());
    }

    TensorShape in(Fusion fusion) {
        return new TensorShape(role, kind, count, rows, columns, Optional.of(fusion));
    }
}
