package dev.lathe.tensor;

import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/**
 * A linear layer {@code y = W x} with W of [outputSize x inputSize]: the one thing that transforms replace. Immutable and
 * thread-safe.
 *
 * <p>Each output depends on its own row of W and on the input only, added in the order of the input: the same bits for any
 * number of rows, threads and vector lanes.
 */
public sealed interface Linear permits TiledLinear, LowRankLinear {
    /** Rows of W that are packed and computed together. */
    int TILE_ROWS = 64;

    /** Length of an input row. */
    int inputSize();

    /** Length of an output row: the number of rows of W. */
    int outputSize();

    /** The type the weights are stored in; that of the outputs' factor where there are two. */
    TensorType type();

    /** Bytes of the weights in memory. */
    long byteCount();

    /** Writes row {@code row} of W as floats to {@code target[offset ...]}. */
    void readRow(int row, float[] target, int offset);

    /**
     * The same layer, with its tiles where a store moved them to.
     *
     * @param where they are now that were in a segment when the layer was made
     * @throws UnsupportedOperationException if no store moves layers of this kind
     */
    Linear moved(UnaryOperator<MemorySegment> where);

    /** Applies the layer to all rows of the input; the output is [rows x outputSize]. */
    default void apply(Activations input, FloatMatrix output, Workers workers) {
        applyAll(workers, new Product(this, input, output));
    }

    /** Applies several layers to the same input together. */
    static void applyAll(Activations input, Linear[] layers, FloatMatrix[] outputs, Workers workers) {
        Product[] products = new Product[layers.length];
        for (int i = 0; i < layers.length; i++) {
            products[i] = new Product(layers[i], input, outputs[i]);
        }
        applyAll(workers, products);
    }

    /**
     * Computes several products in one parallel region; where there are low-rank layers, their first factors share a region
     * before it.
     */
    static void applyAll(Workers workers, Product... products) {
        TiledProducts first = new TiledProducts();
        TiledProducts last = new TiledProducts();
        for (int i = 0; i < products.length; i++) {
            Activations input = products[i].input();
            switch (products[i].layer()) {
                case TiledLinear tiled -> last.add(tiled, input, products[i].output());
                case LowRankLinear lowRank -> {
                    Activations inner = input.inner(i, lowRank.rank());
                    first.add(lowRank.in(), input, inner.matrix());
                    last.add(lowRank.out(), inner, products[i].output());
                }
            }
        }
        first.run(workers);
        last.run(workers);
    }

    /**
     * A layer to be applied.
     *
     * @param layer the layer
     * @param input what it reads [rows x inputSize]
     * @param output what it writes [rows x outputSize]
     */
    record Product(Linear layer, Activations input, FloatMatrix output) {
        /** Checks that the shapes fit. */
        public Product {
            if (input.matrix().columns() != layer.inputSize()
                    || output.columns() != layer.outputSize()
                    || output.rows() < input.rows()) {
                throw new IllegalArgumentException("linear layer of [" + layer.outputSize() + " x " + layer.inputSize()
                        + "] "
                        + layer.type() + " cannot map activations of [" + input.rows() + " x "
                        + input.matrix().columns() + "] to outputs of [" + output.rows() + " x " + output.columns()
                        + "]");
            }
        }
    }
}
