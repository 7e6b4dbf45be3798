package dev.lathe.model;

import dev.lathe.model.config.Architecture.RotaryOrder;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * The first half of a block: hidden += output(attention(rope(query), rope(key), value of norm(hidden))), with a matrix on the
 * shortcut where the model has one. Immutable.
 */
final class Attention {
    private final LayerConfig layer;
    private final WeightGroup weights;
    private final Norm norm;
    private final Norm queryNorm;
    private final Norm keyNorm;
    private final ResidualAdd residual;
    private final RotaryOrder order;
    private final int rope; // which of the tables of angles
    private final ElementwiseKernels kernels;
    private final Workers workers;

    Attention(
            ModelConfig config,
            LayerConfig layer,
            WeightGroup weights,
            int rope,
            ElementwiseKernels kernels,
            Workers workers) {
        this.layer = layer;
        this.weights = weights;
        norm = Norm.of(kernels, weights.norm(TensorRole.ATTENTION_NORM), config.normEpsilon(), config.hiddenSize());
        queryNorm = Norm.rootMeanSquare(kernels, weights.vector(TensorRole.QUERY_NORM), config.normEpsilon());
        keyNorm = Norm.rootMeanSquare(kernels, weights.vector(TensorRole.KEY_NORM), config.normEpsilon());
        residual = new ResidualAdd(
                weights.matrix(TensorRole.ATTENTION_OUTPUT),
                weights.bias(TensorRole.ATTENTION_OUTPUT),
                Norm.rootMeanSquare(kernels, weights.vector(TensorRole.POST_ATTENTION_NORM), config.normEpsilon()),
                weights.findMatrix(TensorRole.ATTENTION_RESIDUAL),
                kernels,
                workers);
        order = config.architecture().rotaryOrder();
        this.rope = rope;
        this.kernels = kernels;
        this.workers = workers;
    }

    /**
     * Attends from every row of a pass.
     *
     * @param index the layer's, whose caches are read and written
     */
    void run(int index, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        FloatMatrix hidden = buffers.hidden(rows); // [rows x hidden]
        Activations normed = buffers.input(hidden.columns()); // [rows x hidden]
        FloatMatrix query = buffers.query(rows, layer.headCount() * layer.keySize());
        FloatMatrix key = buffers.key(rows, layer.keyValueHeadCount() * layer.keySize());
        FloatMatrix value = buffers.value(rows, layer.keyValueHeadCount() * layer.valueSize());
        Activations attended = buffers.input(layer.headCount() * layer.valueSize());

        normalize(hidden, normed);
        buffers.show(ActivationSite.ATTENTION, normed, rows);
        Linear.applyAll(
                normed,
                new Linear[] {
                    weights.matrix(TensorRole.QUERY), weights.matrix(TensorRole.KEY), weights.matrix(TensorRole.VALUE)
                },
                new FloatMatrix[] {query, key, value},
                workers);
        RowLoop.run(workers, rows, query.columns() + key.columns() + value.columns(), row -> {
            prepare(query, row, weights.bias(TensorRole.QUERY), queryNorm, layer.headCount(), buffers);
            write(key, value, row, index, pass, buffers);
        });
        buffers.attention().run(layer, index, pass, query, attended.matrix());
        attended.set(rows);
        buffers.show(ActivationSite.ATTENTION_OUTPUT, attended, rows);
        residual.run(attended, buffers);
    }

    /** The shortcut alone. */
    void skip(int rows, DecoderBuffers buffers) {
        residual.skip(rows, buffers);
    }

    /** Writes the rows' keys and values, and leaves the residual stream as it is. */
    void fillCache(int index, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        FloatMatrix hidden = buffers.hidden(rows); // [rows x hidden]
        Activations normed = buffers.input(hidden.columns()); // [rows x hidden]
        FloatMatrix key = buffers.key(rows, layer.keyValueHeadCount() * layer.keySize());
        FloatMatrix value = buffers.value(rows, layer.keyValueHeadCount() * layer.valueSize());

        normalize(hidden, normed);
        Linear.applyAll(
                normed,
                new Linear[] {weights.matrix(TensorRole.KEY), weights.matrix(TensorRole.VALUE)},
                new FloatMatrix[] {key, value},
                workers);
        RowLoop.run(
                workers, rows, key.columns() + value.columns(), row -> write(key, value, row, index, pass, buffers));
    }

    private void normalize(FloatMatrix hidden, Activations normed) {
        RowLoop.run(
                workers,
                hidden.rows(),
                hidden.columns(),
                row -> norm.apply(
                        hidden.data(), hidden.offset(row), normed.matrix().data(), hidden.offset(row)));
        normed.set(hidden.rows());
    }

    /** Finishes one row's keys and values and puts them into the cache. */
    private void write(FloatMatrix key, FloatMatrix value, int row, int index, Pass pass, DecoderBuffers buffers) {
        prepare(key, row, weights.bias(TensorRole.KEY), keyNorm, layer.keyValueHeadCount(), buffers);
        Bias.add(kernels, value, row, weights.bias(TensorRole.VALUE));
        pass.write(row, index, key, value);
    }

    /** Queries or keys of one row: bias, norms of the heads, rotation. */
    private void prepare(FloatMatrix matrix, int row, float[] bias, Norm headNorm, int heads, DecoderBuffers buffers) {
        Bias.add(kernels, matrix, row, bias);
        if (headNorm.isPresent()) {
            headNorm.applyToHeads(matrix.data(), matrix.offset(row), heads);
        }
        int half = layer.rope().dimensions() / 2;
        float[] cos = buffers.cos(rope);
        float[] sin = buffers.sin(rope);
        for (int head = 0; head < heads; head++) {
            int offset = matrix.offset(row) + head * layer.keySize();
            switch (order) {
                case PAIRS -> kernels.rotatePairs(matrix.data(), offset, half, cos, sin, row * half);
                case HALVES -> kernels.rotateHalves(matrix.data(), offset, half, cos, sin, row * half);
            }
        }
    }
}
