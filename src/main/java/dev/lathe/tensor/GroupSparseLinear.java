package dev.lathe.tensor;

import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.UnaryOperator;

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
    private final MemorySegment tiles;
    private final GroupSparseProduct product;

    /**
     * A layer over packed weights, as {@code GroupSparseLoader} makes them.
     *
     * @param outputSize rows
     * @param inputSize columns, a multiple of {@value #COLUMN_MULTIPLE}
     * @param kept weights stored of each group, 1 to 3
     * @param tiles the weights; their memory must stay open as long as the layer is used
     * @param kernels what computes
     */
    public GroupSparseLinear(int outputSize, int inputSize, int kept, MemorySegment tiles, KernelSet kernels) {
        this(
                outputSize,
                inputSize,
                kept,
                tiles,
                new GroupSparseProduct(tiles, outputSize, inputSize, kept, Kernels.of(kernels)));
    }

    private GroupSparseLinear(
            int outputSize, int inputSize, int kept, MemorySegment tiles, GroupSparseProduct product) {
        super(TensorType.F16, outputSize, inputSize, tiles.byteSize());
        this.kept = kept;
        this.tiles = tiles;
        this.product = product;
    }

    @Override
    public GroupSparseLinear moved(UnaryOperator<MemorySegment> where) {
        MemorySegment moved = where.apply(tiles);
        return new GroupSparseLinear(outputSize(), inputSize(), kept, moved, product.at(moved));
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
