package dev.lathe.model.decoder;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.AttentionConfig.LatentConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.List;

/**
 * Multi-head latent attention: what is cached of a position is one latent vector and a part of the keys that rotates, for all heads
 * together. Queries are taken to the space of the latent vector, and what the heads gathered from there to values. Immutable.
 *
 * <p>DeepSeek-AI, "DeepSeek-V2", 2024, arXiv 2405.04434, section 2.1 and appendix C.
 */
final class LatentAttention implements TokenMixer {
    private final LayerConfig layer;
    private final LatentConfig latent;
    private final int heads;
    private final int rotary;
    private final WeightGroup weights;
    private final List<Linear> keysOfLatent;
    private final List<Linear> valuesOfLatent;
    private final Norm norm;
    private final Norm queryNorm;
    private final Norm latentNorm;
    private final Rotation rotation;
    private final AttentionScores scores;
    private final ResidualAdd residual;
    private final Workers workers;

    LatentAttention(
            ModelConfig config,
            LayerConfig layer,
            WeightGroup weights,
            int rope,
            ElementwiseKernels kernels,
            Workers workers) {
        this.layer = layer;
        this.weights = weights;
        latent = layer.attention().latent().orElseThrow();
        heads = layer.headCount();
        rotary = layer.keySize() - latent.rank();
        keysOfLatent = weights.stack(TensorRole.KEY_OF_LATENT);
        valuesOfLatent = weights.stack(TensorRole.VALUE_OF_LATENT);
        norm = Norm.before(layer.arrangement().beforeAttention(), weights, config, kernels);
        queryNorm = Norm.rootMeanSquare(kernels, weights.vector(TensorRole.LATENT_QUERY_NORM), config.normEpsilon());
        latentNorm = Norm.rootMeanSquare(kernels, weights.vector(TensorRole.LATENT_NORM), config.normEpsilon());
        rotation = new Rotation(layer.attention(), rope, kernels);
        scores = new AttentionScores(layer, weights.vector(TensorRole.SINKS), kernels);
        residual = ResidualAdd.afterAttention(config, layer, weights, kernels, workers);
        this.workers = workers;
    }

    @Override
    public void run(int index, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        Activations normed = read(rows, buffers);
        FloatMatrix key = buffers.key(rows, layer.keySize());
        FloatMatrix query = queries(normed, key, rows, buffers); // [rows x heads * (latent.keySize + rotary)]
        RowLoop.run(workers, rows, query.columns(), row -> write(key, row, index, pass, buffers));
        FloatMatrix inLatentSpace = toLatentSpace(query, rows, buffers);
        FloatMatrix gathered = buffers.slots().output("gathered", 0, rows, heads * latent.rank());
        buffers.attention().run(layer, scores, index, pass, inLatentSpace, gathered);
        Activations attended = toValues(gathered, rows, buffers);
        buffers.show(ActivationSite.ATTENTION_OUTPUT, attended, rows);
        residual.run(attended, buffers);
    }

    private Activations read(int rows, DecoderBuffers buffers) {
        FloatMatrix hidden = buffers.hidden(rows); // [rows x hidden]
        Activations normed = buffers.input(hidden.columns());
        norm.applyToRows(hidden, normed, workers);
        buffers.show(ActivationSite.ATTENTION, normed, rows);
        return normed;
    }

    /** Queries before they rotate; the latent vectors of keys beside them. */
    private FloatMatrix queries(Activations normed, FloatMatrix key, int rows, DecoderBuffers buffers) {
        FloatMatrix query = buffers.slots().output("query", 0, rows, heads * (latent.keySize() + rotary));
        Linear keys = weights.matrix(TensorRole.LATENT);
        if (latent.queryRank() == 0) {
            Linear.applyAll(
                    normed,
                    new Linear[] {weights.matrix(TensorRole.QUERY), keys},
                    new FloatMatrix[] {query, key},
                    workers);
            return query;
        }
        FloatMatrix compressed = buffers.slots().output("latent query", 0, rows, latent.queryRank());
        Linear.applyAll(
                normed,
                new Linear[] {weights.matrix(TensorRole.LATENT_QUERY), keys},
                new FloatMatrix[] {compressed, key},
                workers);
        Activations input = buffers.slots().input("latent query", 0, rows, latent.queryRank());
        queryNorm.applyToRows(compressed, input, workers);
        weights.matrix(TensorRole.QUERY_OF_LATENT).apply(input, query, workers);
        return query;
    }

    /** Norms the latent vector of a row, rotates the rest, and puts both into the cache. */
    private void write(FloatMatrix key, int row, int index, Pass pass, DecoderBuffers buffers) {
        int offset = key.offset(row);
        latentNorm.apply(key.data(), offset, key.data(), offset);
        rotation.apply(key.data(), offset + latent.rank(), 1, rotary, row, buffers);
        pass.write(row, index, key, key);
    }

    /** Queries [rows x heads * keySize of the cache]: each head's part that does not rotate in the space of the latent vector. */
    private FloatMatrix toLatentSpace(FloatMatrix query, int rows, DecoderBuffers buffers) {
        int size = latent.keySize() + rotary;
        Linear.Product[] products = new Linear.Product[heads];
        for (int head = 0; head < heads; head++) {
            Activations input = buffers.slots().input("query", head, rows, latent.keySize());
            copyColumns(query, head * size, input.matrix(), 0, latent.keySize(), rows);
            input.set(rows);
            FloatMatrix output = buffers.slots().output("query", 1 + head, rows, latent.rank());
            products[head] = new Linear.Product(keysOfLatent.get(head), input, output);
        }
        Linear.applyAll(workers, products);
        FloatMatrix result = buffers.query(rows, heads * layer.keySize());
        for (int head = 0; head < heads; head++) {
            int target = head * layer.keySize();
            copyColumns(products[head].output(), 0, result, target, latent.rank(), rows);
            copyColumns(query, head * size + latent.keySize(), result, target + latent.rank(), rotary, rows);
        }
        for (int row = 0; row < rows; row++) {
            rotation.apply(result.data(), result.offset(row) + latent.rank(), heads, layer.keySize(), row, buffers);
            scores.scale(result, row);
        }
        return result;
    }

    /** What each head gathered, from the space of the latent vector to values [rows x heads * valueSize]. */
    private Activations toValues(FloatMatrix gathered, int rows, DecoderBuffers buffers) {
        Linear.Product[] products = new Linear.Product[heads];
        for (int head = 0; head < heads; head++) {
            Activations input = buffers.slots().input("gathered", head, rows, latent.rank());
            copyColumns(gathered, head * latent.rank(), input.matrix(), 0, latent.rank(), rows);
            input.set(rows);
            FloatMatrix output = buffers.slots().output("value", head, rows, latent.valueSize());
            products[head] = new Linear.Product(valuesOfLatent.get(head), input, output);
        }
        Linear.applyAll(workers, products);
        Activations attended = buffers.input(heads * latent.valueSize());
        for (int head = 0; head < heads; head++) {
            copyColumns(
                    products[head].output(), 0, attended.matrix(), head * latent.valueSize(), latent.valueSize(), rows);
        }
        attended.set(rows);
        return attended;
    }

    private static void copyColumns(FloatMatrix source, int from, FloatMatrix target, int to, int count, int rows) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(source.data(), source.offset(row) + from, target.data(), target.offset(row) + to, count);
        }
    }

    @Override
    public void fillCache(int index, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        FloatMatrix key = buffers.key(rows, layer.keySize());
        Activations normed = read(rows, buffers);
        weights.matrix(TensorRole.LATENT).apply(normed, key, workers);
        RowLoop.run(workers, rows, key.columns(), row -> write(key, row, index, pass, buffers));
    }

    @Override
    public void skip(int rows, DecoderBuffers buffers) {
        residual.skip(rows, buffers);
    }
}
