package dev.lathe.tensor;

/**
 * A linear layer {@code y = W x} with W of [outputSize x inputSize]: the one thing that transforms replace. Immutable and
 * thread-safe.
 *
 * <p>Each output depends on its own row of W and on the input only, added in the order of the input: the same bits for any
 * number of rows, threads and vector lanes.
 */
public sealed interface Linear
        permits DenseLinear, QuantizedLinear, BlockSparseLinear, GroupSparseLinear, TernaryLinear, LMulLinear {
    /** Rows of W that are packed and computed together. */
    int TILE_ROWS = 64;

    /** Length of an input row. */
    int inputSize();

    /** Length of an output row: the number of rows of W. */
    int outputSize();

    /** The type the weights are stored in. */
    TensorType type();

    /** Bytes of the weights in memory. */
    long byteCount();

    /** Writes row {@code row} of W as floats to {@code target[offset ...]}. */
    void readRow(int row, float[] target, int offset);

    /** Converts the input to what {@link #applyTiles} reads; called once before a parallel region. */
    void prepare(Activations input, Workers workers);

    /** Computes the outputs of the tiles {@code [fromTile, toTile)}. */
    void applyTiles(Activations input, int fromTile, int toTile, FloatMatrix output);

    /** Applies the layer to all rows of the input; the output is [rows x outputSize]. */
    default void apply(Activations input, FloatMatrix output, Workers workers) {
        applyAll(input, new Linear[] {this}, new FloatMatrix[] {output}, workers);
    }

    /** Applies several layers to the same input in one parallel region. */
    static void applyAll(Activations input, Linear[] layers, FloatMatrix[] outputs, Workers workers) {
        int tiles = 0;
        for (int i = 0; i < layers.length; i++) {
            check(input, layers[i], outputs[i]);
            layers[i].prepare(input, workers);
            tiles += tiles(layers[i]);
        }
        int total = tiles;
        int parts = workers.count() == 1 ? 1 : Math.min(total, 4 * workers.count());
        workers.run(parts, part -> {
            int from = (int) ((long) total * part / parts);
            int to = (int) ((long) total * (part + 1) / parts);
            for (int i = 0; i < layers.length && to > 0; i++) {
                int count = tiles(layers[i]);
                if (from < count) {
                    layers[i].applyTiles(input, from, Math.min(count, to), outputs[i]);
                }
                from = Math.max(0, from - count);
                to -= count;
            }
        });
    }

    private static int tiles(Linear layer) {
        return (layer.outputSize() + TILE_ROWS - 1) / TILE_ROWS;
    }

    private static void check(Activations input, Linear layer, FloatMatrix output) {
        if (input.matrix().columns() != layer.inputSize()
                || output.columns() != layer.outputSize()
                || output.rows() < input.rows()) {
            throw new IllegalArgumentException("linear layer of [" + layer.outputSize() + " x " + layer.inputSize()
                    + "] "
                    + layer.type() + " cannot map activations of [" + input.rows() + " x "
                    + input.matrix().columns() + "] to outputs of [" + output.rows() + " x " + output.columns() + "]");
        }
    }
}
