package dev.lathe.tensor;

/** A linear layer: output = W input, W of [outputSize x inputSize]. Immutable and thread-safe. */
public interface Linear {
    /** Length of an input row. */
    int inputSize();

    /** Length of an output row, the number of rows of W. */
    int outputSize();

    /** Bytes of the weights in memory. */
    long byteCount();

    /** Writes row {@code row} of W as floats to {@code target[offset ...]}. */
    void readRow(int row, float[] target, int offset);

    /** Applies the layer to all rows of the input; output is [rows x outputSize]. */
    void apply(Activations input, FloatMatrix output, Workers workers);

    /** Applies several layers to the same input in one parallel region. */
    static void applyAll(Activations input, Linear[] layers, FloatMatrix[] outputs, Workers workers) {
        for (int i = 0; i < layers.length; i++) {
            layers[i].apply(input, outputs[i], workers);
        }
    }
}
