package dev.lathe.model.load;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ModelWeights;
import dev.lathe.model.NormWeights;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the weights of a model; every tensor must be known and have the shape that the keys demand. */
public final class WeightLoader {
    private static final List<TensorRole> ROPE_FACTORS =
            List.of(TensorRole.ROPE_FACTORS, TensorRole.LONG_ROPE_FACTORS, TensorRole.SHORT_ROPE_FACTORS);

    private final TensorLoader tensors;

    public WeightLoader(TensorSource source, WeightStore store, Workers workers, Kernels kernels) {
        tensors = new TensorLoader(source, store, workers, kernels);
    }

    public TensorLoader tensors() {
        return tensors;
    }

    /** Rows of the embedding matrix. */
    public static int vocabularySize(TensorSource source) {
        return TensorLoader.rows(source, TensorRole.EMBEDDING.weight());
    }

    public ModelWeights load(ModelConfig config) throws IOException {
        if (tensors.keepsNeurons()) {
            requireNeurons(config);
        }
        WeightGroup.Builder global = embeddings(config).toBuilder();
        Linear embedding = global.build().matrix(TensorRole.EMBEDDING);
        global.norm(TensorRole.FINAL_NORM, finalNorm(config));
        if (!config.isEncoder()) {
            global.matrix(TensorRole.HEAD, isTied() ? tiedHead(config, (TiledLinear) embedding) : head(config))
                    .bias(TensorRole.HEAD, headBias(config));
        }
        vectorLayers(config, global);
        ropeFactors(config, global);
        List<WeightGroup> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers().size(); layer++) {
            tensors.beginLayer(layer);
            layers.add(layer(config, layer));
        }
        tensors.rejectUnused(config.family());
        return new ModelWeights(global.build(), layers);
    }

    /** Checks, before anything is packed, that some layer has parts that a store may read one by one. */
    private void requireNeurons(ModelConfig config) {
        for (int layer = 0; layer < config.layers().size(); layer++) {
            if (new LayerLoader(this, config, layer).hasParts()) {
                return;
            }
        }
        throw new IllegalArgumentException(
                "neurons of this model cannot be read one by one, since none of its layers tells which are inactive"
                        + " before it needs their weights, or up is decoded when it is loaded: leave neurons out, give"
                        + " the model thresholds with Prune.gates, or quantize up to a type that is computed with as it"
                        + " is");
    }

    /** What tokens and positions become before the first layer. */
    public WeightGroup embeddings(ModelConfig config) throws IOException {
        return WeightGroup.builder()
                .matrix(TensorRole.EMBEDDING_ROTATION, embeddingRotation(config))
                .matrix(TensorRole.EMBEDDING, embedding(config))
                .matrix(TensorRole.POSITION_EMBEDDING, positions(config))
                .vector(TensorRole.TOKEN_TYPES, tokenTypes(config))
                .norm(TensorRole.EMBEDDING_NORM, embeddingNorm(config))
                .build();
    }

    private TiledLinear embedding(ModelConfig config) throws IOException {
        int columns = tensors.isShapedWith(TensorRole.EMBEDDING_ROTATION.weight())
                ? config.hiddenSize()
                : config.streamSizes().beforeAttention(0);
        return tensors.tiled(TensorRole.EMBEDDING.weight(), config.vocabularySize(), columns);
    }

    private Optional<Linear> embeddingRotation(ModelConfig config) throws IOException {
        return tensors.shapedMatrix(
                        TensorRole.EMBEDDING_ROTATION.weight(),
                        config.streamSizes().beforeAttention(0),
                        config.hiddenSize())
                .map(Linear.class::cast);
    }

    /** What stands between a text's pooled row and its vector or its score. */
    private void vectorLayers(ModelConfig config, WeightGroup.Builder global) throws IOException {
        int hidden = config.streamSizes().last();
        if (config.ends().pooling() == Pooling.RANK) {
            if (tensors.hasMatrix(TensorRole.CLASSIFIER.weight())) {
                global.matrix(TensorRole.CLASSIFIER, tensors.matrix(TensorRole.CLASSIFIER.weight(), hidden, hidden))
                        .bias(TensorRole.CLASSIFIER, tensors.optional(TensorRole.CLASSIFIER.bias(), hidden));
            }
            if (tensors.hasVector(TensorRole.CLASSIFIER_NORM.weight())) {
                global.norm(
                        TensorRole.CLASSIFIER_NORM,
                        norm(TensorRole.CLASSIFIER_NORM.weight(), TensorRole.CLASSIFIER_NORM.bias(), config, hidden));
            }
            global.matrix(
                            TensorRole.CLASSIFIER_OUTPUT,
                            tensors.matrix(TensorRole.CLASSIFIER_OUTPUT.weight(), 1, hidden))
                    .bias(TensorRole.CLASSIFIER_OUTPUT, tensors.optional(TensorRole.CLASSIFIER_OUTPUT.bias(), 1));
        }
        if (config.isEncoder() && tensors.hasMatrix(TensorRole.DENSE_2.weight())) {
            int inner = tensors.rows(TensorRole.DENSE_2.weight());
            global.matrix(TensorRole.DENSE_2, tensors.matrix(TensorRole.DENSE_2.weight(), inner, hidden))
                    .matrix(TensorRole.DENSE_3, tensors.matrix(TensorRole.DENSE_3.weight(), hidden, inner));
        }
    }

    private float[] tokenTypes(ModelConfig config) throws IOException {
        int types = config.ends().tokenTypes();
        return types > 0
                ? tensors.vector(TensorRole.TOKEN_TYPES.weight(), Math.multiplyExact(types, config.hiddenSize()))
                : WeightGroup.NONE;
    }

    public NormWeights finalNorm(ModelConfig config) throws IOException {
        if (!config.ends().finalNorm()) {
            return NormWeights.ABSENT;
        }
        return norm(
                TensorRole.FINAL_NORM.weight(),
                TensorRole.FINAL_NORM.bias(),
                config,
                config.streamSizes().last());
    }

    /**
     * Layer norms have a gain and a shift where the family has such weights, unless shift and mean went into the
     * matrices around when the model was sliced.
     */
    public NormWeights norm(String gain, String shift, ModelConfig config, int size) throws IOException {
        if (config.norms() == NormKind.LAYER_WITHOUT_WEIGHTS) {
            float[] ones = new float[size];
            Arrays.fill(ones, 1);
            return new NormWeights(ones, new float[size]);
        }
        boolean folded = config.norms() == NormKind.LAYER && tensors.isShapedWithout(shift);
        boolean layerNorm = config.norms().isLayerNorm() && !folded;
        if (layerNorm && size != config.hiddenSize()) {
            throw new GgufException(
                    shift + " makes a layer norm of rows of " + size + " of " + config.hiddenSize()
                            + ": rows that were sliced have root mean square norms",
                    -1);
        }
        return new NormWeights(tensors.vector(gain, size), layerNorm ? shift(shift, config, size) : WeightGroup.NONE);
    }

    private float[] shift(String name, ModelConfig config, int size) throws IOException {
        return config.norms() == NormKind.LAYER ? tensors.vector(name, size) : new float[size];
    }

    private NormWeights embeddingNorm(ModelConfig config) throws IOException {
        return config.ends().embeddingNorm()
                ? norm(
                        TensorRole.EMBEDDING_NORM.weight(),
                        TensorRole.EMBEDDING_NORM.bias(),
                        config,
                        config.hiddenSize())
                : new NormWeights(WeightGroup.NONE);
    }

    private Optional<Linear> positions(ModelConfig config) throws IOException {
        return config.ends().learnedPositions()
                ? Optional.of(tensors.tiled(
                        TensorRole.POSITION_EMBEDDING.weight(), config.contextLength(), config.hiddenSize()))
                : Optional.empty();
    }

    public float[] headBias(ModelConfig config) throws IOException {
        return tensors.optional(TensorRole.HEAD.bias(), config.vocabularySize());
    }

    private boolean isTied() {
        return !tensors.hasMatrix(TensorRole.HEAD.weight());
    }

    public Linear head(ModelConfig config) throws IOException {
        if (config.isEncoder()) {
            throw new IllegalArgumentException("a " + config.family()
                    + " model is an encoder: it has no head, and what is measured on logits does not suit it");
        }
        if (isTied()) {
            return tiedHead(config, embedding(config));
        }
        Optional<TiledLinear> rotation = headRotation(config);
        return rotation.isPresent()
                ? new LowRankLinear(
                        rotation.get(),
                        tensors.tiled(TensorRole.HEAD.weight(), config.vocabularySize(), config.hiddenSize()))
                : tensors.matrix(
                        TensorRole.HEAD.weight(),
                        config.vocabularySize(),
                        config.streamSizes().last());
    }

    private Linear tiedHead(ModelConfig config, TiledLinear embedding) throws IOException {
        Optional<TiledLinear> rotation = headRotation(config);
        int last = rotation.isPresent()
                ? config.hiddenSize()
                : config.streamSizes().last();
        if (embedding.inputSize() != last) {
            throw new GgufException(
                    TensorRole.EMBEDDING.weight() + " has rows of " + embedding.inputSize()
                            + ", as head it needs rows of " + last + ": the file has neither "
                            + TensorRole.HEAD.weight() + " nor a rotation that fits",
                    -1);
        }
        return rotation.isPresent() ? new LowRankLinear(rotation.get(), embedding) : embedding;
    }

    private Optional<TiledLinear> headRotation(ModelConfig config) throws IOException {
        return tensors.shapedMatrix(
                TensorRole.HEAD_ROTATION.weight(),
                config.hiddenSize(),
                config.streamSizes().last());
    }

    /** Divisors of the rotary frequencies, where the file has some. */
    public void ropeFactors(ModelConfig config, WeightGroup.Builder group) throws IOException {
        for (TensorRole role : ROPE_FACTORS) {
            group.vector(role, ropeFactors(role, config));
        }
    }

    private float[] ropeFactors(TensorRole role, ModelConfig config) throws IOException {
        Optional<RopeConfig> rope = config.layers().stream()
                .flatMap(layer -> layer.attention().rope().stream())
                .findFirst();
        if (rope.isEmpty()) {
            return WeightGroup.NONE;
        }
        float[] factors = tensors.optional(role.weight(), rope.get().dimensions() / 2);
        for (float factor : factors) {
            if (!(factor > 0) || Float.isInfinite(factor)) {
                throw new GgufException(role.weight() + " holds the factor " + factor + ", expected positive", -1);
            }
        }
        return factors;
    }

    public WeightGroup layer(ModelConfig config, int layer) throws IOException {
        return new LayerLoader(this, config, layer).load();
    }
}
