package dev.lathe.model;

import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * A root mean square norm with its weight; an empty weight means that the model has no such norm.
 *
 * @param kernels how it is computed
 * @param weight [size] or empty
 * @param epsilon added to the mean square
 */
record RmsNorm(ElementwiseKernels kernels, float[] weight, float epsilon) {
    boolean isPresent() {
        return weight.length > 0;
    }

    /** Norms one row. */
    void apply(float[] input, int inputOffset, float[] output, int outputOffset) {
        kernels.rmsNorm(input, inputOffset, weight, epsilon, output, outputOffset, weight.length);
    }

    /** Norms neighbouring heads in place, each for itself. */
    void applyToHeads(float[] values, int offset, int heads) {
        for (int head = 0; head < heads; head++) {
            int start = offset + head * weight.length;
            apply(values, start, values, start);
        }
    }
}
