package dev.lathe.model.decoder;

import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * The end of a model: normed rows to logits, scaled and capped where the model says so. Immutable.
 *
 * @param matrix [vocabulary x last length of the stream]
 * @param bias [vocabulary] or empty
 * @param config what happens to logits
 * @param kernels how it is computed
 */
record Head(Linear matrix, float[] bias, ModelConfig.EndsConfig config, ElementwiseKernels kernels) {
    /** Logits [rows x vocabulary] of normed rows. */
    void apply(Activations normed, FloatMatrix logits, Workers workers) {
        matrix.apply(normed, logits, workers);
        for (int row = 0; row < logits.rows(); row++) {
            int offset = logits.offset(row);
            Bias.add(kernels, logits, row, bias);
            if (config.logitScale() != 1f) {
                kernels.scale(logits.data(), offset, config.logitScale(), logits.data(), offset, logits.columns());
            }
            if (config.logitCap() > 0) {
                kernels.softCap(logits.data(), offset, config.logitCap(), logits.columns());
            }
        }
    }
}
