package dev.lathe.tensor;

import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.WeightMemory;
import java.util.Arrays;

/**
 * A linear layer of F16 weights of which 1 to 3 of every {@value #GROUP} consecutive columns are stored, the others being zero;
 * activations stay float32. A weight that is stored takes 20 bits with the number of its column.
 */
public final class GroupSparseLinear extends TiledLinear {
    /** Columns of a group. */
    public static final int GROUP = GroupSparseProduct.GROUP;
    /** What the columns of the matrix are a multiple of. */
    public static final int COLUMN_MULTIPLE = GroupSparseProduct.CHUNK;

    private final int kept;
    private final GroupSparseProduct product;

    private GroupSparseLinear(int outputSize, int inputSize, int kept, GroupSparseProduct product) {
        super(TensorType.F16, outputSize, inputSize, product.byteCount());
        this.kept = kept;
        this.product = product;
    }

    /**
     * A layer of stored weights.
     *
     * @param inputSize columns of the whole matrix, a multiple of {@value #COLUMN_MULTIPLE}
     * @param kept weights stored of each group, 1 to 3
     * @param weights the stored weights in the order of their columns, [outputSize x inputSize / {@value #GROUP} * kept], as
     *     16-bit floats
     * @param columns for each the column within its group, 0 to 3, ascending in each group
     * @param memory where the packed weights go; it must stay open as long as the layer is used
     * @throws IllegalArgumentException if the sizes do not fit or the columns of a group do not ascend
     */
    public static GroupSparseLinear of(
            int outputSize,
            int inputSize,
            int kept,
            short[] weights,
            byte[] columns,
            WeightMemory memory,
            KernelSet kernels) {
        int stored = inputSize / GROUP * kept;
        if (outputSize < 1
                || inputSize < 1
                || inputSize % COLUMN_MULTIPLE != 0
                || kept < 1
                || kept >= GROUP
                || weights.length != (long) outputSize * stored
                || columns.length != weights.length) {
            throw new IllegalArgumentException(weights.length + " weights with " + columns.length
                    + " columns cannot make a matrix of [" + outputSize + " x " + inputSize + "] with " + kept
                    + " of every " + GROUP + " columns; expected 1 to 3, and columns in multiples of "
                    + COLUMN_MULTIPLE);
        }
        GroupSparseProduct product = new GroupSparseProduct(outputSize, inputSize, kept, memory, Kernels.of(kernels));
        for (int row = 0; row < outputSize; row++) {
            for (int i = 0; i < stored; i++) {
                int at = row * stored + i;
                int column = columns[at];
                if (column < 0 || column >= GROUP || i % kept > 0 && column <= columns[at - 1]) {
                    throw new IllegalArgumentException("columns of row " + row + " in group " + i / kept
                            + " are not ascending from 0 to " + (GROUP - 1));
                }
                product.set(row, i, i / kept * GROUP + column, weights[at]);
            }
        }
        return new GroupSparseLinear(outputSize, inputSize, kept, product);
    }

    /** Weights stored of each group. */
    public int kept() {
        return kept;
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        Arrays.fill(target, offset, offset + inputSize(), 0f);
        for (int i = 0; i < inputSize() / GROUP * kept; i++) {
            target[offset + product.column(row, i)] = product.weight(row, i);
        }
    }

    @Override
    void prepare(Activations input, Workers workers) {}

    @Override
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output) {
        product.multiply(fromTile, toTile, input.matrix().data(), input.rows(), output.data(), output.columns());
    }
}
