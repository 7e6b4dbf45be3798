package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * Tokens to the first residual stream: a row of the matrix, scaled, joined by one of its position and one of its kind, or normed
 * where the model says so, and rotated where the matrix is shared with the head of a sliced model. Immutable.
 */
final class Embedding {
    private final Linear table;
    private final Optional<Linear> rotation;
    private final Optional<Linear> positions;
    private final float[] types; // [types x hidden] or empty
    private final Norm norm;
    private final float scale;
    private final ElementwiseKernels kernels;
    private final Workers workers;

    Embedding(ModelConfig config, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        table = weights.matrix(TensorRole.EMBEDDING);
        rotation = weights.findMatrix(TensorRole.EMBEDDING_ROTATION);
        positions = weights.findMatrix(TensorRole.POSITION_EMBEDDING);
        types = weights.vector(TensorRole.TOKEN_TYPES);
        norm = new Norm(kernels, weights.norm(TensorRole.EMBEDDING_NORM), config.normEpsilon());
        scale = config.ends().embeddingScale();
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
            if (positions.isPresent()) {
                float[] position = new float[target.columns()];
                positions.get().readRow(pass.position(row), position, 0);
                kernels.add(target.data(), offset, position, 0, position.length);
            }
            if (types.length > 0) {
                int type = Math.min(pass.tokenType(row), types.length / target.columns() - 1);
                kernels.add(target.data(), offset, types, type * target.columns(), target.columns());
            }
            if (norm.isPresent()) {
                norm.apply(target.data(), offset, target.data(), offset);
            }
        });
    }
}
