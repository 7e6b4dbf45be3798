package dev.lathe.model;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ModelWeights.AttentionWeights;
import dev.lathe.model.ModelWeights.BlockWeights;
import dev.lathe.model.ModelWeights.FeedForwardWeights;
import dev.lathe.model.ModelWeights.NormWeights;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the weights of a model; every tensor must be known and have the shape that the keys demand. */
final class WeightLoader {
    private static final String EMBEDDING = "token_embd.weight";
    private static final String HEAD = "output.weight";

    private final TensorLoader tensors;

    WeightLoader(TensorSource source, WeightMemory memory, Workers workers, Kernels kernels) {
        tensors = new TensorLoader(source, memory, workers, kernels);
    }

    /** Rows of the embedding matrix. */
    static int vocabularySize(TensorSource source) {
        return TensorLoader.rows(source, EMBEDDING);
    }

    ModelWeights load(ModelConfig config) throws IOException {
        Optional<Linear> embeddingRotation = embeddingRotation(config);
        TiledLinear embedding = embedding(config);
        NormWeights finalNorm = finalNorm(config);
        Linear head = isTied() ? tiedHead(config, embedding) : head(config);
        float[] headBias = headBias(config);
        float[] ropeFactors = ropeFactors(config);
        List<BlockWeights> blocks = new ArrayList<>();
        for (int block = 0; block < config.layers().size(); block++) {
            blocks.add(block(config, block));
        }
        tensors.rejectUnused(config.architecture());
        return new ModelWeights(embedding, embeddingRotation, blocks, finalNorm, head, headBias, ropeFactors);
    }

    TiledLinear embedding(ModelConfig config) throws IOException {
        int columns = tensors.isShapedWith(LatheFormat.EMBEDDING_ROTATION)
                ? config.hiddenSize()
                : config.streamSizes().beforeAttention(0);
        return tensors.tiled(EMBEDDING, config.vocabularySize(), columns);
    }

    Optional<Linear> embeddingRotation(ModelConfig config) throws IOException {
        return tensors.shapedMatrix(
                        LatheFormat.EMBEDDING_ROTATION, config.streamSizes().beforeAttention(0), config.hiddenSize())
                .map(Linear.class::cast);
    }

    NormWeights finalNorm(ModelConfig config) throws IOException {
        return norm("output_norm", config, config.streamSizes().last());
    }

    /** Layer norms have a shift, unless it and the mean went into the matrices around when the model was sliced. */
    private NormWeights norm(String name, ModelConfig config, int size) throws IOException {
        String shift = name + ".bias";
        boolean layerNorm = config.architecture().layerNorms() && !tensors.isShapedWithout(shift);
        if (layerNorm && size != config.hiddenSize()) {
            throw new GgufException(
                    shift + " makes a layer norm of rows of " + size + " of " + config.hiddenSize()
                            + ": rows that were sliced have root mean square norms",
                    -1);
        }
        return new NormWeights(
                tensors.vector(name + ".weight", size), layerNorm ? tensors.vector(shift, size) : ModelWeights.NONE);
    }

    float[] headBias(ModelConfig config) throws IOException {
        return tensors.isShapedWith(LatheFormat.HEAD_BIAS)
                ? tensors.vector(LatheFormat.HEAD_BIAS, config.vocabularySize())
                : ModelWeights.NONE;
    }

    private boolean isTied() {
        return !tensors.hasMatrix(HEAD);
    }

    Linear head(ModelConfig config) throws IOException {
        if (isTied()) {
            return tiedHead(config, embedding(config));
        }
        Optional<TiledLinear> rotation = headRotation(config);
        return rotation.isPresent()
                ? new LowRankLinear(rotation.get(), tensors.tiled(HEAD, config.vocabularySize(), config.hiddenSize()))
                : tensors.matrix(
                        HEAD, config.vocabularySize(), config.streamSizes().last());
    }

    private Linear tiedHead(ModelConfig config, TiledLinear embedding) throws IOException {
        Optional<TiledLinear> rotation = headRotation(config);
        int last = rotation.isPresent()
                ? config.hiddenSize()
                : config.streamSizes().last();
        if (embedding.inputSize() != last) {
            throw new GgufException(
                    EMBEDDING + " has rows of " + embedding.inputSize() + ", as head it needs rows of " + last
                            + ": the file has neither " + HEAD + " nor a rotation that fits",
                    -1);
        }
        return rotation.isPresent() ? new LowRankLinear(rotation.get(), embedding) : embedding;
    }

    private Optional<TiledLinear> headRotation(ModelConfig config) throws IOException {
        return tensors.shapedMatrix(
                LatheFormat.HEAD_ROTATION,
                config.hiddenSize(),
                config.streamSizes().last());
    }

    float[] ropeFactors(ModelConfig config) throws IOException {
        float[] ropeFactors = config.architecture() == Architecture.LLAMA
                ? tensors.optional(
                        "rope_freqs.weight", config.layers().getFirst().rope().dimensions() / 2)
                : ModelWeights.NONE;
        for (float factor : ropeFactors) {
            if (!(factor > 0) || Float.isInfinite(factor)) {
                throw new GgufException("rope_freqs.weight holds the factor " + factor + ", expected positive", -1);
            }
        }
        return ropeFactors;
    }

    BlockWeights block(ModelConfig config, int block) throws IOException {
        return new BlockWeights(attention(config, block), feedForward(config, block));
    }

    private AttentionWeights attention(ModelConfig config, int block) throws IOException {
        String prefix = "blk." + block + ".";
        LayerConfig layer = config.layers().get(block);
        int before = config.streamSizes().beforeAttention(block);
        int after = config.streamSizes().afterAttention(block);
        int queries = layer.headCount() * layer.keySize();
        int keys = layer.keyValueHeadCount() * layer.keySize();
        int values = layer.keyValueHeadCount() * layer.valueSize();
        boolean headNorms = config.architecture().headNorms();
        boolean postNorms = config.architecture().postNorms();
        return new AttentionWeights(
                norm(prefix + "attn_norm", config, before),
                tensors.matrix(prefix + "attn_q.weight", queries, before),
                tensors.matrix(prefix + "attn_k.weight", keys, before),
                tensors.matrix(prefix + "attn_v.weight", values, before),
                tensors.matrix(prefix + "attn_output.weight", after, layer.headCount() * layer.valueSize()),
                tensors.optional(prefix + "attn_q.bias", queries),
                tensors.optional(prefix + "attn_k.bias", keys),
                tensors.optional(prefix + "attn_v.bias", values),
                tensors.optional(prefix + "attn_output.bias", after),
                headNorms ? tensors.vector(prefix + "attn_q_norm.weight", layer.keySize()) : ModelWeights.NONE,
                headNorms ? tensors.vector(prefix + "attn_k_norm.weight", layer.keySize()) : ModelWeights.NONE,
                postNorms ? tensors.vector(prefix + "post_attention_norm.weight", after) : ModelWeights.NONE,
                shortcut(LatheFormat.attentionShortcut(block), after, before));
    }

    private FeedForwardWeights feedForward(ModelConfig config, int block) throws IOException {
        String prefix = "blk." + block + ".";
        int before = config.streamSizes().afterAttention(block);
        int after = config.streamSizes().afterFeedForward(block);
        int inner = config.layers().get(block).feedForwardSize();
        boolean postNorms = config.architecture().postNorms();
        return new FeedForwardWeights(
                norm(prefix + "ffn_norm", config, before),
                config.architecture().gated()
                        ? Optional.of(tensors.matrix(prefix + "ffn_gate.weight", inner, before))
                        : Optional.empty(),
                tensors.matrix(prefix + "ffn_up.weight", inner, before),
                tensors.matrix(prefix + "ffn_down.weight", after, inner),
                config.architecture().gated() ? tensors.optional(prefix + "ffn_gate.bias", inner) : ModelWeights.NONE,
                tensors.optional(prefix + "ffn_up.bias", inner),
                tensors.optional(prefix + "ffn_down.bias", after),
                postNorms ? tensors.vector(prefix + "post_ffw_norm.weight", after) : ModelWeights.NONE,
                shortcut(LatheFormat.feedForwardShortcut(block), after, before));
    }

    private Optional<Linear> shortcut(String name, int after, int before) throws IOException {
        return after == before
                ? tensors.shapedMatrix(name, after, before).map(Linear.class::cast)
                : Optional.of(tensors.tiled(name, after, before));
    }
}
