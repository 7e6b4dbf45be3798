package dev.lathe.model;

import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * A norm with its weights: a layer norm where they have a shift, else a root mean square norm; one without a gain means that the
 * model has no such norm.
 *
 * @param kernels how it is computed
 * @param weights gain and shift
 * @param epsilon added to the mean square
 */
record Norm(ElementwiseKernels kernels, NormWeights weights, float epsilon) {
    /** A root mean square norm; an empty gain means that the model has no such norm. */
    static Norm rootMeanSquare(ElementwiseKernels kernels, float[] gain, float epsilon) {
        return new Norm(kernels, new NormWeights(gain), epsilon);
    }

    /**
     * A norm of the residual stream, sliced or not: it divides by the mean square over the size before slicing. Exact with the
     * kernel's own mean: {@code x / sqrt(sum / full + e) = x / sqrt(sum / size + e full / size) * sqrt(full / size)}.
     */
    static Norm of(ElementwiseKernels kernels, NormWeights weights, float epsilon, int fullSize) {
        float[] gain = weights.gain();
        if (gain.length == fullSize) {
            return new Norm(kernels, weights, epsilon);
        }
        double ratio = (double) fullSize / gain.length;
        float[] scaled = gain.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) Math.sqrt(ratio);
        }
        return rootMeanSquare(kernels, scaled, (float) (epsilon * ratio));
    }

    boolean isPresent() {
        return weights.gain().length > 0;
    }

    /** Norms one row. */
    void apply(float[] input, int inputOffset, float[] output, int outputOffset) {
        float[] gain = weights.gain();
        float[] shift = weights.shift();
        if (shift.length > 0) {
            kernels.layerNorm(input, inputOffset, gain, shift, epsilon, output, outputOffset, gain.length);
        } else {
            kernels.rmsNorm(input, inputOffset, gain, epsilon, output, outputOffset, gain.length);
        }
    }

    /** Norms neighbouring heads in place, each for itself. */
    void applyToHeads(float[] values, int offset, int heads) {
        int size = weights.gain().length;
        for (int head = 0; head < heads; head++) {
            int start = offset + head * size;
            apply(values, start, values, start);
        }
    }
}
