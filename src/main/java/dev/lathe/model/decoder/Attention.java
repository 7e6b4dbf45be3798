package dev.lathe.model.decoder;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.WeightGroup;
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
 * residual connection where the model has one. Immutable.
 */
final class Attention implements TokenMixer {
    private final LayerConfig layer;
    private final WeightGroup weights;
    private final Norm norm;
    private final Norm within;
    private final HeadNorms queryNorms;
    private final HeadNorms keyNorms;
    private final ResidualAdd residual;
    private final Rotation rotation;
    private final AttentionScores scores;
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
        norm = Norm.before(layer.arrangement().beforeAttention(), weights, config, kernels);
        within = Norm.within(layer.arrangement().withinAttention(), weights, config, kernels);
        queryNorms = HeadNorms.of(layer, weights.vector(TensorRole.QUERY_NORM), config, kernels);
        keyNorms = HeadNorms.of(layer, weights.vector(TensorRole.KEY_NORM), config, kernels);
        residual = ResidualAdd.afterAttention(config, layer, weights, kernels, workers);
        rotation = new Rotation(layer.attention(), rope, kernels);
        scores = new AttentionScores(layer, weights.vector(TensorRole.SINKS), kernels);
        this.kernels = kernels;
        this.workers = workers;
    }

    @Override
    public void run(int index, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        FloatMatrix hidden = buffers.hidden(rows); // [rows x hidden]
        Activations normed = buffers.input(hidden.columns()); // [rows x hidden]
        FloatMatrix query = buffers.query(rows, layer.headCount() * layer.keySize());
        FloatMatrix key = buffers.key(rows, layer.keyValueHeadCount() * layer.keySize());
        FloatMatrix value = buffers.value(rows, layer.keyValueHeadCount() * layer.valueSize());
        Activations attended = buffers.input(layer.headCount() * layer.valueSize());

        norm.applyToRows(hidden, normed, workers);
        buffers.show(ActivationSite.ATTENTION, normed, rows);
        Linear.applyAll(
                normed,
                new Linear[] {
                    weights.matrix(TensorRole.QUERY), weights.matrix(TensorRole.KEY), weights.matrix(TensorRole.VALUE)
                },
                new FloatMatrix[] {query, key, value},
                workers);
        RowLoop.run(workers, rows, query.columns() + key.columns() + value.columns(), row -> {
            prepare(query, row, weights.bias(TensorRole.QUERY), queryNorms, layer.headCount(), buffers);
            rotation.warm(query, row, pass.position(row));
            scores.scale(query, row);
            write(key, value, row, index, pass, buffers);
        });
        buffers.attention().run(layer, scores, index, pass, query, attended.matrix());
        within.applyInPlace(attended.matrix(), rows, workers);
        attended.set(rows);
        buffers.show(ActivationSite.ATTENTION_OUTPUT, attended, rows);
        residual.run(attended, buffers);
    }

    @Override
    public void skip(int rows, DecoderBuffers buffers) {
        residual.skip(rows, buffers);
    }

    @Override
    public void fillCache(int index, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        FloatMatrix hidden = buffers.hidden(rows); // [rows x hidden]
        Activations normed = buffers.input(hidden.columns()); // [rows x hidden]
        FloatMatrix key = buffers.key(rows, layer.keyValueHeadCount() * layer.keySize());
        FloatMatrix value = buffers.value(rows, layer.keyValueHeadCount() * layer.valueSize());

        norm.applyToRows(hidden, normed, workers);
        Linear.applyAll(
                normed,
                new Linear[] {weights.matrix(TensorRole.KEY), weights.matrix(TensorRole.VALUE)},
                new FloatMatrix[] {key, value},
                workers);
        RowLoop.run(
                workers, rows, key.columns() + value.columns(), row -> write(key, value, row, index, pass, buffers));
    }

    /** Finishes one row's keys and values and puts them into the cache. */
    private void write(FloatMatrix key, FloatMatrix value, int row, int index, Pass pass, DecoderBuffers buffers) {
        prepare(key, row, weights.bias(TensorRole.KEY), keyNorms, layer.keyValueHeadCount(), buffers);
        finish(value, row, weights.bias(TensorRole.VALUE));
        pass.write(row, index, key, value);
    }

    /** Queries or keys of one row: bias, norms, rotation, norms in the other order in some families. */
    private void prepare(
            FloatMatrix matrix, int row, float[] bias, HeadNorms norms, int heads, DecoderBuffers buffers) {
        finish(matrix, row, bias);
        boolean normsRotated = layer.attention().headNorm().isAfterRotation();
        if (!normsRotated) {
            norms.apply(matrix.data(), matrix.offset(row), matrix.columns());
        }
        rotation.apply(matrix.data(), matrix.offset(row), heads, layer.keySize(), row, buffers);
        if (normsRotated) {
            norms.apply(matrix.data(), matrix.offset(row), matrix.columns());
        }
    }

    /** What is left of a matrix's product: bias and clamp. */
    private void finish(FloatMatrix matrix, int row, float[] bias) {
        Bias.add(kernels, matrix, row, bias);
        float clamp = layer.attention().clamp();
        if (clamp > 0) {
            float[] values = matrix.data();
            for (int i = matrix.offset(row); i < matrix.offset(row) + matrix.columns(); i++) {
                values[i] = Math.clamp(values[i], -clamp, clamp);
            }
        }
    }
}
