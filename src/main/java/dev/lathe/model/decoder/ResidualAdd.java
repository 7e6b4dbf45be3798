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
 * How each half of a block ends: hidden = residual(hidden) + branch, with branch = output(inner). Most models have no
 * matrix on the residual connection; then hidden stays where it is and the branch is added. Immutable.
 *
 * <p>Matrices on residual connections: Ashkboos et al., "SliceGPT: Compress Large Language Models by Deleting Rows and Columns", 2024, arXiv
 * 2401.15024, section 3.2.
 *
 * @param output [hidden after x inner]
 * @param end how the branch is added
 * @param residual [hidden after x hidden before]; empty for the identity
 */
record ResidualAdd(Linear output, BranchAdd end, Optional<Linear> residual, Workers workers) {

    /** The end of an attention of any kind. */
    static ResidualAdd afterAttention(
            ModelConfig config, LayerConfig layer, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        Optional<TensorRole> norm = layer.arrangement().afterAttention();
        float[] bias = weights.bias(TensorRole.ATTENTION_OUTPUT);
        return new ResidualAdd(
                weights.matrix(TensorRole.ATTENTION_OUTPUT),
                BranchAdd.of(config, layer, norm, weights, bias, kernels, workers),
                weights.findMatrix(TensorRole.ATTENTION_RESIDUAL),
                workers);
    }

    /** Adds the branch that ends in these rows. */
    void run(Activations inner, DecoderBuffers buffers) {
        int rows = inner.rows();
        FloatMatrix branch = buffers.branch(rows, output.outputSize()); // [rows x hidden after]
        if (residual.isEmpty()) {
            output.apply(inner, branch, workers);
            end.run(buffers.hidden(rows), branch);
        } else {
            FloatMatrix shortened = buffers.shortened(rows, output.outputSize()); // [rows x hidden after]
            Linear.applyAll(
                    workers,
                    new Linear.Product(output, inner, branch),
                    new Linear.Product(residual.get(), buffers.hiddenInput(rows), shortened));
            end.run(shortened, branch);
            buffers.setHidden(shortened);
        }
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
