package dev.lathe.model;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * How each half of a block ends: hidden = shortcut(hidden) + postNorm(output(inner) + bias). Most models have no matrix on the
 * shortcut; then hidden stays where it is and the branch is added. Immutable.
 *
 * <p>Shortcuts: Ashkboos et al., "SliceGPT: Compress Large Language Models by Deleting Rows and Columns", 2024, arXiv
 * 2401.15024, section 3.2.
 *
 * @param output [hidden after x inner]
 * @param bias [hidden after] or empty
 * @param postNorm of the branch, may be absent
 * @param shortcut [hidden after x hidden before]; empty for the identity
 */
record ResidualAdd(
        Linear output,
        float[] bias,
        Norm postNorm,
        Optional<Linear> shortcut,
        ElementwiseKernels kernels,
        Workers workers) {

    /** Adds the branch that ends in these rows. */
    void run(Activations inner, DecoderBuffers buffers) {
        int rows = inner.rows();
        FloatMatrix branch = buffers.branch(rows, output.outputSize()); // [rows x hidden after]
        if (shortcut.isEmpty()) {
            output.apply(inner, branch, workers);
            add(buffers.hidden(rows), branch);
        } else {
            FloatMatrix shortened = buffers.shortened(rows, output.outputSize()); // [rows x hidden after]
            Linear.applyAll(
                    workers,
                    new Linear.Product(output, inner, branch),
                    new Linear.Product(shortcut.get(), buffers.hiddenInput(rows), shortened));
            add(shortened, branch);
            buffers.setHidden(shortened);
        }
    }

    private void add(FloatMatrix hidden, FloatMatrix branch) {
        RowLoop.run(
                workers,
                hidden.rows(),
                hidden.columns(),
                row -> Bias.addBranch(kernels, hidden, branch, row, bias, postNorm));
    }

    /** Leaves the branch out: the shortcut alone. */
    void skip(int rows, DecoderBuffers buffers) {
        if (shortcut.isPresent()) {
            FloatMatrix shortened = buffers.shortened(rows, output.outputSize());
            shortcut.get().apply(buffers.hiddenInput(rows), shortened, workers);
            buffers.setHidden(shortened);
        }
    }
}
