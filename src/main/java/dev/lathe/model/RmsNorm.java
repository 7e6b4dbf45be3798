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
    /**
     * A norm of sliced rows: it divides by the mean square over the size before slicing. Exact with the kernel's own mean: {@code
     * x / sqrt(sum / full + e) = x / sqrt(sum / size + e full / size) * sqrt(full / size)}.
     */
    static RmsNorm of(ElementwiseKernels kernels, float[] weight, float epsilon, int fullSize) {
        if (weight.length == fullSize || weight.length == 0) {
            return new RmsNorm(kernels, weight, epsilon);
        }
        double ratio = (double) fullSize / weight.length;
        float[] scaled = weight.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) Math.sqrt(ratio);
        }
        return new RmsNorm(kernels, scaled, (float) (epsilon * ratio));
    }

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
