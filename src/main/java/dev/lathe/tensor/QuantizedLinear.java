package dev.lathe.tensor;

import dev.lathe.tensor.kernel.QuantizedProduct;

/** A linear layer of block-quantized weights; activations are quantized to bytes in blocks of 32. */
public final class QuantizedLinear implements TiledLinear {
    private final TensorType type;
    private final int outputSize;
    private final int inputSize;
    private final long byteCount;
    private final QuantizedProduct product;

    QuantizedLinear(TensorType type, int outputSize, int inputSize, long byteCount, QuantizedProduct product) {
        this.type = type;
        this.outputSize = outputSize;
        this.inputSize = inputSize;
        this.byteCount = byteCount;
        this.product = product;
    }

    QuantizedProduct product() {
        return product;
    }

    @Override
    public int inputSize() {
        return inputSize;
    }

    @Override
    public int outputSize() {
        return outputSize;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public long byteCount() {
        return byteCount;
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        for (int column = 0; column < inputSize; column++) {
            target[offset + column] = product.weight(row, column);
        }
    }

    @Override
    public void prepare(Activations input, Workers workers) {
        input.quantize(product, workers);
    }

    @Override
    public void applyTiles(Activations input, int fromTile, int toTile, FloatMatrix output) {
        product.multiply(fromTile, toTile, input.quantized(), input.rows(), output.data(), output.columns());
    }
}
