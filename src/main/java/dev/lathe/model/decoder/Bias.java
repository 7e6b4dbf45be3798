package dev.lathe.model.decoder;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/** What is added to rows and may be absent. */
final class Bias {
    private Bias() {}

    /** {@code row += bias}; nothing where the bias is empty. */
    static void add(ElementwiseKernels kernels, FloatMatrix matrix, int row, float[] bias) {
        kernels.add(matrix.data(), matrix.offset(row), bias, 0, bias.length);
    }
}
