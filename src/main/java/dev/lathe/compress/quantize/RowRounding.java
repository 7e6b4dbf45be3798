package dev.lathe.compress.quantize;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import dev.lathe.tensor.codec.BlockGrid;

/** Chooses the numbers of a row of weights. Stateless or with state of the whole matrix; thread-safe. */
@FunctionalInterface
interface RowRounding {
    /**
     * Encodes a row.
     *
     * @param weights the row; not changed
     * @param target receives the blocks from its beginning
     */
    void round(float[] weights, byte[] target);

    /** Each weight to the number nearest to it, under scales that fit the weights by their importances. */
    static RowRounding nearest(TensorType type, float[] importances) {
        BlockCodec codec = BlockCodec.of(type);
        return (weights, target) -> codec.encode(weights, 0, importances, 0, target, 0, weights.length);
    }

    /** Each weight to the number nearest to it, under scales that a fit chooses. */
    static RowRounding nearest(TensorType type, BlockFit fit) {
        return (weights, target) -> {
            for (int column = 0, at = 0; column < weights.length; column += type.blockSize(), at += type.blockBytes()) {
                fit.fit(weights, column).encode(weights, column, target, at);
            }
        };
    }

    /** Chooses the scales of a block. */
    @FunctionalInterface
    interface BlockFit {
        /**
         * The numbers that a block shall hold.
         *
         * @param row weights as they are now
         * @param column where the block begins
         */
        BlockGrid fit(float[] row, int column);

        /** As the type's encoder does. */
        static BlockFit weighted(TensorType type, float[] importances) {
            return (row, column) -> BlockGrid.fit(type, row, column, importances, column);
        }

        /** With the outermost weights clipped where that lessens the error of the outputs. */
        static BlockFit clipped(TensorType type, float[] importances, GramMatrix gram) {
            return new ClippedFit(type, importances, gram);
        }
    }
}
