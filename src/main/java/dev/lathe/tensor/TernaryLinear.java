package dev.lathe.tensor;

import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.TernaryProduct;
import dev.lathe.tensor.store.WeightMemory;

/**
 * A linear layer of weights -d, 0 and d, computed by additions: activations are quantized to 8 bits with one scale a row
 * (token), and added, subtracted or left out. The products left are one scale for every 256 columns and one for the row.
 *
 * <p>This is the BitLinear layer of MatMul-free language models without the norm before it. Zhu et al., "Scalable
 * MatMul-free Language Modeling", 2024, arXiv 2406.02528, section 3.2; Ma et al., "The Era of 1-bit LLMs", 2024, arXiv
 * 2402.17764.
 */
public final class TernaryLinear extends TiledLinear {
    private final TernaryProduct product;

    private TernaryLinear(TensorType type, int outputSize, int inputSize, TernaryProduct product) {
        super(type, outputSize, inputSize, product.byteCount());
        this.product = product;
    }

    /**
     * A copy of a layer whose weights are ternary, such as one of type TQ1_0 or TQ2_0.
     *
     * @param source a layer in which every 256 neighbouring weights of a row are -d, 0 or d with one d
     * @param memory where the packed weights go; it must stay open as long as the layer is used
     * @param kernels what the layer computes with
     * @throws IllegalArgumentException if other weights are found; the message says where
     */
    public static TernaryLinear of(Linear source, WeightMemory memory, KernelSet kernels) {
        int columns = source.inputSize();
        TernaryProduct product = new TernaryProduct(source.outputSize(), columns, memory, Kernels.of(kernels));
        float[] row = new float[columns];
        for (int i = 0; i < source.outputSize(); i++) {
            source.readRow(i, row, 0);
            for (int from = 0; from < columns; from += TernaryProduct.BLOCK) {
                int count = Math.min(TernaryProduct.BLOCK, columns - from);
                product.setBlock(i, from / TernaryProduct.BLOCK, scale(row, from, count, i), row, from, count);
            }
        }
        return new TernaryLinear(source.type(), source.outputSize(), columns, product);
    }

    private static float scale(float[] numbers, int from, int count, int row) {
        float scale = 0;
        for (int i = from; i < from + count; i++) {
            float magnitude = Math.abs(numbers[i]);
            if (magnitude != 0 && scale == 0 && Float.isFinite(magnitude)) {
                scale = magnitude;
            } else if (magnitude != 0 && magnitude != scale) {
                throw new IllegalArgumentException("weights of row " + row + " are not ternary: " + numbers[i]
                        + " in column " + i + " where " + scale
                        + " came before; expected -d, 0 and d in every 256 columns, as in TQ1_0 and TQ2_0");
            }
        }
        return scale;
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        for (int column = 0; column < inputSize(); column++) {
            target[offset + column] = product.weight(row, column);
        }
    }

    @Override
    void prepare(Activations input, Workers workers) {
        input.quantizeRows(workers);
    }

    @Override
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output) {
        product.multiply(fromTile, toTile, input.quantizedRows(), input.rows(), output.data(), output.columns());
    }
}
