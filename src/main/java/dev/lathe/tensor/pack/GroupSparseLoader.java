package dev.lathe.tensor.pack;

import dev.lathe.tensor.GroupSparseLinear;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;

/** Packs the weights of a layer of which 1 to 3 of every four neighbouring columns are stored. */
public final class GroupSparseLoader {
    private static final int ONLY = 0; // there is one way to pack them

    private GroupSparseLoader() {}

    /** Stored weights, read when they have to be packed. */
    @FunctionalInterface
    public interface Source {
        /** All of them. */
        Stored read() throws IOException;
    }

    /**
     * The stored weights of a matrix.
     *
     * @param weights in the order of their columns, [rows x stored of a row], as 16-bit floats
     * @param columns for each the column within its group, 0 to 3, ascending in each group
     */
    public record Stored(short[] weights, byte[] columns) {}

    /**
     * Reads the stored weights, or takes their tiles from a store that has them.
     *
     * @param name by which the store knows the matrix
     * @param outputSize rows
     * @param inputSize columns of the whole matrix, a multiple of {@value GroupSparseLinear#COLUMN_MULTIPLE}
     * @param kept weights stored of each group, 1 to 3
     * @param store where the packed weights are; it must stay open as long as the layer is used
     * @throws IllegalArgumentException if the sizes do not fit or the columns of a group do not ascend
     * @throws IOException if the source cannot be read
     */
    public static GroupSparseLinear pack(
            String name, int outputSize, int inputSize, int kept, Source source, WeightStore store, KernelSet kernels)
            throws IOException {
        if (outputSize < 1
                || inputSize < 1
                || inputSize % GroupSparseLinear.COLUMN_MULTIPLE != 0
                || kept < 1
                || kept >= GroupSparseLinear.GROUP) {
            throw new IllegalArgumentException(kept + " of every " + GroupSparseLinear.GROUP
                    + " columns cannot make a matrix of [" + outputSize + " x " + inputSize
                    + "]; expected 1 to 3, and columns in multiples of " + GroupSparseLinear.COLUMN_MULTIPLE);
        }
        WeightStore.Tiles tiles =
                store.tiles(name, GroupSparseProduct.byteCount(outputSize, inputSize, kept), memory -> {
                    pack(
                            new GroupSparseProduct(memory, outputSize, inputSize, kept, Kernels.of(kernels)),
                            outputSize,
                            inputSize / GroupSparseLinear.GROUP * kept,
                            kept,
                            source.read());
                    return ONLY;
                });
        return new GroupSparseLinear(outputSize, inputSize, kept, tiles.memory(), kernels);
    }

    private static void pack(GroupSparseProduct product, int rows, int storedOfRow, int kept, Stored stored) {
        int group = GroupSparseLinear.GROUP;
        if (stored.weights().length != (long) rows * storedOfRow
                || stored.columns().length != stored.weights().length) {
            throw new IllegalArgumentException(stored.weights().length + " weights with " + stored.columns().length
                    + " columns, expected " + (long) rows * storedOfRow + " of each");
        }
        product.clear();
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < storedOfRow; i++) {
                int at = row * storedOfRow + i;
                int column = stored.columns()[at];
                if (column < 0 || column >= group || i % kept > 0 && column <= stored.columns()[at - 1]) {
                    throw new IllegalArgumentException("columns of row " + row + " in group " + i / kept
                            + " are not ascending from 0 to " + (group - 1));
                }
                product.set(row, i, i / kept * group + column, stored.weights()[at]);
            }
        }
    }
}
