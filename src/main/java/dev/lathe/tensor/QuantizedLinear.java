package dev.lathe.tensor;

import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.QuantizedProduct;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/** A linear layer of block-quantized weights; activations are quantized to bytes in blocks of 32. */
public final class QuantizedLinear extends TiledLinear {
    private final MemorySegment tiles;
    private final QuantizedProduct product;

    /**
     * A layer over packed weights, as {@code LinearLoader} makes them.
     *
     * @param type a type that has a layout of tiles
     * @param outputSize rows
     * @param inputSize columns
     * @param tiles the weights; their memory must stay open as long as the layer is used
     * @param kernels what computes
     */
    public QuantizedLinear(TensorType type, int outputSize, int inputSize, MemorySegment tiles, KernelSet kernels) {
        super(type, outputSize, inputSize, tiles.byteSize());
        this.tiles = tiles;
        TileLayout layout = TileLayout.of(type).orElseThrow();
        product = new QuantizedProduct(layout, tiles, outputSize, inputSize, Kernels.of(kernels));
    }

    private QuantizedLinear(QuantizedLinear other, MemorySegment tiles) {
        super(other.type(), other.outputSize(), other.inputSize(), other.byteCount());
        product = other.product.at(tiles);
        this.tiles = tiles;
    }

    QuantizedProduct product() {
        return product;
    }

    @Override
    public QuantizedLinear moved(UnaryOperator<MemorySegment> where) {
        return new QuantizedLinear(this, where.apply(tiles));
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        product.readRow(row, target, offset);
    }

    @Override
    void prepare(Activations input, Workers workers) {
        input.quantize(product, workers);
    }

    @Override
    boolean splitsRows() {
        return true;
    }

    @Override
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output) {
        int rows = input.rows();
        product.multiply(fromTile, toTile, input.quantized(), rows, fromRow, toRow, output.data(), output.columns());
    }
}
