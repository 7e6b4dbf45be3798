package dev.lathe.model.decoder;

import dev.lathe.model.NormWeights;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

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
        if (gain.length == fullSize || gain.length == 0) {
            return new Norm(kernels, weights, epsilon);
        }
        double ratio = (double) fullSize / gain.length;
        float[] scaled = gain.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) Math.sqrt(ratio);
        }
        return rootMeanSquare(kernels, scaled, (float) (epsilon * ratio));
    }

    /** The norm of what a half of a layer reads, absent where the family has none. */
    static Norm before(Optional<TensorRole> role, WeightGroup weights, ModelConfig config, ElementwiseKernels kernels) {
        NormWeights norm = role.map(weights::norm).orElse(NormWeights.ABSENT);
        return of(kernels, norm, config.normEpsilon(), config.hiddenSize());
    }

    /** The norm of what a half of a layer adds, or of the sum, absent where the family has none. */
    static Norm after(Optional<TensorRole> role, WeightGroup weights, ModelConfig config, ElementwiseKernels kernels) {
        return new Norm(kernels, role.map(weights::norm).orElse(NormWeights.ABSENT), config.normEpsilon());
    }

    /** The norm of what the last matrix of a half reads, absent where the family has none. */
    static Norm within(Optional<TensorRole> role, WeightGroup weights, ModelConfig config, ElementwiseKernels kernels) {
        return rootMeanSquare(kernels, role.map(weights::vector).orElse(WeightGroup.NONE), config.normEpsilon());
    }

    boolean isPresent() {
        return weights.gain().length > 0;
    }

    /** Norms all rows, or copies them where there is no norm, into the input of linear layers. */
    void applyToRows(FloatMatrix hidden, Activations normed, Workers workers) {
        float[] target = normed.matrix().data();
        RowLoop.runRanges(workers, hidden.rows(), hidden.columns(), (from, to) -> {
            int offset = hidden.offset(from);
            if (isPresent()) {
                apply(hidden.data(), offset, target, offset, to - from);
            } else {
                System.arraycopy(hidden.data(), offset, target, offset, (to - from) * hidden.columns());
            }
        });
        normed.set(hidden.rows());
    }

    /** Norms all rows in place, where there is a norm. */
    void applyInPlace(FloatMatrix matrix, int rows, Workers workers) {
        if (isPresent()) {
            RowLoop.run(workers, rows, matrix.columns(), row -> {
                int offset = matrix.offset(row);
                apply(matrix.data(), offset, matrix.data(), offset);
            });
        }
    }

    /** Norms one row. */
    void apply(float[] input, int inputOffset, float[] output, int outputOffset) {
        apply(input, inputOffset, output, outputOffset, 1);
    }

    /** Norms neighbouring rows, each for itself. */
    private void apply(float[] input, int inputOffset, float[] output, int outputOffset, int rows) {
        float[] gain = weights.gain();
        float[] shift = weights.shift();
        int size = gain.length;
        if (shift.length == 0) {
            kernels.rmsNormRows(input, inputOffset, gain, epsilon, output, outputOffset, size, rows);
            return;
        }
        for (int at = 0; at < rows * size; at += size) {
            kernels.layerNorm(input, inputOffset + at, gain, shift, epsilon, output, outputOffset + at, size);
        }
    }

    /** Norms neighbouring pieces of a row in place, each for itself, such as its heads. */
    void applyToPieces(float[] values, int offset, int length) {
        apply(values, offset, values, offset, length / weights.gain().length);
    }
}
