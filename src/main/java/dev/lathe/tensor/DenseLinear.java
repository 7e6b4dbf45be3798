package dev.lathe.tensor;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.FloatProduct;
import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/** A linear layer of F32, F16 or BF16 weights; activations stay float32. */
public final class DenseLinear extends TiledLinear {
    private final MemorySegment tiles;
    private final FloatProduct product;

    /**
     * A layer over packed weights, as {@code LinearLoader} makes them.
     *
     * @param type a type of plain numbers, or one that is decoded to them
     * @param outputSize rows
     * @param inputSize columns
     * @param tiles the weights; their memory must stay open as long as the layer is used
     * @param large whether F16 weights lie as they are because some are 128 or more
     * @param kernels what computes
     */
    public DenseLinear(
            TensorType type, int outputSize, int inputSize, MemorySegment tiles, boolean large, KernelSet kernels) {
        super(type, outputSize, inputSize, tiles.byteSize());
        this.tiles = tiles;
        FloatPlane plane = large ? FloatPlane.F16 : FloatPlane.of(type).orElseThrow();
        product = new FloatProduct(plane, tiles, outputSize, inputSize, Kernels.of(kernels));
    }

    private DenseLinear(DenseLinear other, MemorySegment tiles) {
        super(other.type(), other.outputSize(), other.inputSize(), other.byteCount());
        product = other.product.at(tiles);
        this.tiles = tiles;
    }

    FloatProduct product() {
        return product;
    }

    @Override
    public DenseLinear moved(UnaryOperator<MemorySegment> where) {
        return new DenseLinear(this, where.apply(tiles));
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        for (int column = 0; column < inputSize(); column++) {
            target[offset + column] = product.weight(row, column);
        }
    }

    @Override
    void prepare(Activations input, Workers workers) {
        input.scale(product, workers);
    }

    @Override
    boolean splitsRows() {
        return true;
    }

    @Override
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output) {
        FloatRows rows = input.scaled(product.plane());
        product.multiply(fromTile, toTile, rows, fromRow, toRow, output.data(), output.columns());
    }
}
