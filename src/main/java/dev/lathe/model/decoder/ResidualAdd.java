package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * How each half of a block ends: hidden = residual(hidden) + postNorm(output(inner) + bias). Most models have no matrix on the
 * residual connection; then hidden stays where it is and the branch is added. Immutable.
 *
 * <p>Matrices on residual connections: Ashkboos et al., "SliceGPT: Compress Large Language Models by Deleting Rows and Columns", 2024, arXiv
 * 2401.15024, section 3.2.
 *
 * @param output [hidden after x inner]
 * @param bias [hidden after] or empty
 * @param postNorm of the branch, may be absent
 * @param normsSum whether it norms the stream with the branch added instead
 * @param scale factor of the branch
 * @param residual [hidden after x hidden before]; empty for the identity
 */
record ResidualAdd(
        Linear output,
        float[] bias,
        Norm postNorm,
        boolean normsSum,
        float scale,
        Optional<Linear> residual,
        ElementwiseKernels kernels,
        Workers workers) {

    /** The end of an attention of any kind. */
    static ResidualAdd afterAttention(
            ModelConfig config, LayerConfig layer, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        return new ResidualAdd(
                weights.matrix(TensorRole.ATTENTION_OUTPUT),
                weights.bias(TensorRole.ATTENTION_OUTPUT),
                Norm.after(layer.arrangement().afterAttention(), weights, config, kernels),
                layer.arrangement().normsSum(),
                config.residualScale(),
                weights.findMatrix(TensorRole.ATTENTION_RESIDUAL),
                kernels,
                workers);
    }

    /** Adds the branch that ends in these rows. */
    void run(Activations inner, DecoderBuffers buffers) {
        int rows = inner.rows();
        FloatMatrix branch = buffers.branch(rows, output.outputSize()); // [rows x hidden after]
        if (residual.isEmpty()) {
            output.apply(inner, branch, workers);
            add(branch, buffers);
        } else {
            FloatMatrix shortened = buffers.shortened(rows, output.outputSize()); // [rows x hidden after]
            Linear.applyAll(
                    workers,
                    new Linear.Product(output, inner, branch),
                    new Linear.Product(residual.get(), buffers.hiddenInput(rows), shortened));
            add(shortened, branch);
            buffers.setHidden(shortened);
        }
    }

    /** Adds a branch that is there already, where the residual connection has no matrix. */
    void add(FloatMatrix branch, DecoderBuffers buffers) {
        add(buffers.hidden(branch.rows()), branch);
    }

    private void add(FloatMatrix hidden, FloatMatrix branch) {
        boolean isPlain = bias.length == 0 && !postNorm.isPresent() && scale == 1f;
        RowLoop.runRanges(workers, hidden.rows(), hidden.columns(), (from, to) -> {
            if (isPlain) {
                int offset = hidden.offset(from);
                kernels.add(hidden.data(), offset, branch.data(), offset, (to - from) * hidden.columns());
                return;
            }
            for (int row = from; row < to; row++) {
                Bias.addBranch(kernels, hidden, branch, row, bias, postNorm, normsSum, scale);
            }
        });
    }

    /** Leaves the branch out: the residual connection alone. */
    void skip(int rows, DecoderBuffers buffers) {
        if (residual.isPresent()) {
            FloatMatrix shortened = buffers.shortened(rows, output.outputSize());
            residual.get().apply(buffers.hiddenInput(rows), shortened, workers);
            buffers.setHidden(shortened);
        }
    }
}
