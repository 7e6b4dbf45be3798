package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * How what half a block makes is added to the residual stream: {@code hidden += scale * norm(branch + bias)}, without
 * the norm where the model has none; or {@code hidden = norm(hidden + scale * (branch + bias))}. Immutable.
 *
 * @param bias [hidden] or empty
 * @param norm may be absent
 * @param normsSum whether it norms the stream with the branch added instead
 * @param scale factor of the branch
 */
record BranchAdd(float[] bias, Norm norm, boolean normsSum, float scale, ElementwiseKernels kernels, Workers workers) {

    /**
     * The end of half a block.
     *
     * @param norm which of the layer's norms it has, if any
     */
    static BranchAdd of(
            ModelConfig config,
            LayerConfig layer,
            Optional<TensorRole> norm,
            WeightGroup weights,
            float[] bias,
            ElementwiseKernels kernels,
            Workers workers) {
        return new BranchAdd(
                bias,
                Norm.after(norm, weights, config, kernels),
                layer.arrangement().normsSum(),
                config.residualScale(),
                kernels,
                workers);
    }

    /** Adds a branch, which is changed. */
    void run(FloatMatrix hidden, FloatMatrix branch) {
        boolean isPlain = bias.length == 0 && !norm.isPresent() && scale == 1f;
        RowLoop.runRanges(workers, hidden.rows(), hidden.columns(), (from, to) -> {
            if (isPlain) {
                int offset = hidden.offset(from);
                kernels.add(hidden.data(), offset, branch.data(), offset, (to - from) * hidden.columns());
                return;
            }
            for (int row = from; row < to; row++) {
                addRow(hidden, branch, row);
            }
        });
    }

    private void addRow(FloatMatrix hidden, FloatMatrix branch, int row) {
        Bias.add(kernels, branch, row, bias);
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
