package dev.lathe.tensor;

import dev.lathe.tensor.kernel.FloatProduct;

/** A linear layer of F32, F16 or BF16 weights; activations stay float32. */
public final class DenseLinear implements TiledLinear {
    private final TensorType type;
    private final int outputSize;
    private final int inputSize;
    private final long byteCount;
    private final FloatProduct product;

    DenseLinear(TensorType type, int outputSize, int inputSize, long byteCount, FloatProduct product) {
        this.type = type;
        this.outputSize = outputSize;
        this.inputSize = inputSize;
        this.byteCount = byteCount;
        this.product = product;
    }

    FloatProduct product() {
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
        input.scale(product.plane());
    }

    @Override
    public void applyTiles(Activations input, int fromTile, int toTile, FloatMatrix output) {
        product.multiply(
                fromTile, toTile, input.scaled(product.plane()), input.rows(), output.data(), output.columns());
    }
}
