package dev.lathe.model.decoder;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/** What is added to rows: biases, which may be absent, and the branches of the residual stream. */
final class Bias {
    private Bias() {}

    /** {@code row += bias}; nothing where the bias is empty. */
    static void add(ElementwiseKernels kernels, FloatMatrix matrix, int row, float[] bias) {
        kernels.add(matrix.data(), matrix.offset(row), bias, 0, bias.length);
    }

    /**
     * {@code hidden += scale * norm(branch + bias)}, without the norm where the model has none; or {@code hidden = norm(hidden +
     * scale * (branch + bias))}.
     */
    static void addBranch(
            ElementwiseKernels kernels,
            FloatMatrix hidden,
            FloatMatrix branch,
            int row,
            float[] bias,
            Norm norm,
            boolean normsSum,
            float scale) {
        add(kernels, branch, row, bias);
        if (norm.isPresent() && !normsSum) {
            norm.apply(branch.data(), branch.offset(row), branch.data(), branch.offset(row));
        }
        if (scale != 1f) {
            kernels.scale(
                    branch.data(), branch.offset(row), scale, branch.data(), branch.offset(row), hidden.columns());
        }
        kernels.add(hidden.data(), hidden.offset(row), branch.data(), branch.offset(row), hidden.columns());
        if (norm.isPresent() && normsSum) {
            norm.apply(hidden.data(), hidden.offset(row), hidden.data(), hidden.offset(row));
        }
    }
}
