package dev.lathe.model;

import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * Tokens to the first residual stream: a row of the table, scaled where the model says so, and rotated where the table is
 * shared with the head of a sliced model. Immutable.
 */
final class Embedding {
    private final Linear table;
    private final Optional<Linear> rotation;
    private final float scale;
    private final ElementwiseKernels kernels;
    private final Workers workers;

    Embedding(
            ModelConfig config, Linear table, Optional<Linear> rotation, ElementwiseKernels kernels, Workers workers) {
        this.table = table;
        this.rotation = rotation;
        this.scale = config.embeddingScale();
        this.kernels = kernels;
        this.workers = workers;
    }

    /** The embeddings of the pass's tokens become the residual stream. */
    void read(Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        if (rotation.isEmpty()) {
            readRows(pass, buffers.newHidden(rows, table.inputSize()));
        } else {
            Activations embedded = buffers.input(table.inputSize());
            readRows(pass, new FloatMatrix(embedded.matrix().data(), rows, table.inputSize()));
            embedded.set(rows);
            rotation.get()
                    .apply(embedded, buffers.newHidden(rows, rotation.get().outputSize()), workers);
        }
    }

    private void readRows(Pass pass, FloatMatrix target) {
        RowLoop.run(workers, target.rows(), target.columns(), row -> {
            int offset = target.offset(row);
            table.readRow(pass.token(row), target.data(), offset);
            if (scale != 1f) {
                kernels.scale(target.data(), offset, scale, target.data(), offset, target.columns());
            }
        });
    }
}
