package dev.lathe.tensor;

import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.LMul;
import dev.lathe.tensor.kernel.LMulKernels;
import java.util.Arrays;

/**
 * A linear layer whose products are approximated by L-Mul, which adds instead of multiplying: a simulation, to see what the
 * approximation costs a model in quality. It saves no time on a processor that can multiply.
 *
 * <p>Weights and activations are rounded to the mantissa bits; sums are float32. Luo and Sun, "Addition is All You Need for
 * Energy-efficient Language Models", 2024, arXiv 2410.00907.
 */
public final class LMulLinear extends TiledLinear {
    private final LMul lMul;
    private final float[] tiles; // [tiles][inputSize][64 rows]
    private final LMulKernels kernels;

    private LMulLinear(int outputSize, int inputSize, LMul lMul, LMulKernels kernels) {
        float[] tiles = new float[Math.multiplyExact(tileCount(outputSize), Math.multiplyExact(inputSize, TILE_ROWS))];
        super(TensorType.F32, outputSize, inputSize, (long) Float.BYTES * tiles.length);
        this.lMul = lMul;
        this.kernels = kernels;
        this.tiles = tiles;
    }

    /**
     * A copy of a layer.
     *
     * @param source any layer
     * @param mantissaBits from 1 to 16
     * @param kernels what the layer computes with
     * @throws IllegalArgumentException if the bits are out of range
     */
    public static LMulLinear of(Linear source, int mantissaBits, KernelSet kernels) {
        LMul lMul = new LMul(mantissaBits);
        LMulLinear layer = new LMulLinear(
                source.outputSize(),
                source.inputSize(),
                lMul,
                Kernels.of(kernels).lMul());
        float[] row = new float[source.inputSize()];
        for (int i = 0; i < source.outputSize(); i++) {
            source.readRow(i, row, 0);
            for (int column = 0; column < row.length; column++) {
                layer.tiles[layer.index(i, column)] = lMul.round(row[column]);
            }
        }
        return layer;
    }

    private int index(int row, int column) {
        return (row / TILE_ROWS * inputSize() + column) * TILE_ROWS + row % TILE_ROWS;
    }

    @Override
    public void readRow(int row, float[] target, int offset) {
        for (int column = 0; column < inputSize(); column++) {
            target[offset + column] = tiles[index(row, column)];
        }
    }

    @Override
    void prepare(Activations input, Workers workers) {}

    @Override
    void applyTiles(Activations input, int fromTile, int toTile, int fromRow, int toRow, FloatMatrix output) {
        float[] x = input.matrix().data();
        int inputSize = inputSize();
        float[] totals = new float[TILE_ROWS];
        for (int tile = fromTile; tile < toTile; tile++) {
            int weights = tile * inputSize * TILE_ROWS;
            int count = Math.min(TILE_ROWS, outputSize() - tile * TILE_ROWS);
            for (int row = 0; row < input.rows(); row++) {
                Arrays.fill(totals, 0f);
                kernels.add(lMul, x, row * inputSize, inputSize, tiles, weights, TILE_ROWS, TILE_ROWS, totals, 0);
                System.arraycopy(totals, 0, output.data(), output.offset(row) + tile * TILE_ROWS, count);
            }
        }
    }
}
