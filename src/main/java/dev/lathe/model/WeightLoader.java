package dev.lathe.model;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ModelWeights.AttentionWeights;
import dev.lathe.model.ModelWeights.BlockWeights;
import dev.lathe.model.ModelWeights.FeedForwardWeights;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LinearLoader;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the weights of a model; every tensor must be known and have the shape that the keys demand.
 */
final class WeightLoader {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BFLOAT_SHIFT = 16;

    private final TensorSource source;
    private final Workers workers;
    private final Kernels kernels;
    private final Set<String> used = new HashSet<>();

    WeightLoader(TensorSource source, Workers workers, Kernels kernels) {
        this.source = source;
        this.workers = workers;
        this.kernels = kernels;
    }

    /** Rows of the embedding matrix. */
    static int vocabularySize(TensorSource source) {
        long rows = required(source, "token_embd.weight").dimension(1);
        if (rows > Integer.MAX_VALUE) {
            throw new GgufException("token_embd.weight has " + rows + " rows, expected at most 2^31 - 1", -1);
        }
        return (int) rows;
    }

    ModelWeights load(ModelConfig config) throws IOException {
        Linear embedding = embedding(config);
        float[] finalNorm = finalNorm(config);
        Linear head = isTied() ? embedding : head(config);
        float[] ropeFactors = ropeFactors(config);
        List<BlockWeights> blocks = new ArrayList<>();
        for (int block = 0; block < config.layers().size(); block++) {
            blocks.add(block(config, block));
        }
        rejectUnused(config.architecture());
        return new ModelWeights(embedding, blocks, finalNorm, head, ropeFactors);
    }

    Linear embedding(ModelConfig config) throws IOException {
        return matrix("token_embd.weight", config.vocabularySize(), config.hiddenSize());
    }

    float[] finalNorm(ModelConfig config) throws IOException {
        return vector("output_norm.weight", config.hiddenSize());
    }

    boolean isTied() {
        return source.tensor("output.weight").isEmpty();
    }

    Linear head(ModelConfig config) throws IOException {
        return isTied() ? embedding(config) : matrix("output.weight", config.vocabularySize(), config.hiddenSize());
    }

    float[] ropeFactors(ModelConfig config) throws IOException {
        float[] ropeFactors = config.architecture() == Architecture.LLAMA
                ? optional(
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
        String prefix = "blk." + block + ".";
        LayerConfig layer = config.layers().get(block);
        return new BlockWeights(attention(prefix, config, layer), feedForward(prefix, config, layer));
    }

    private AttentionWeights attention(String prefix, ModelConfig config, LayerConfig layer) throws IOException {
        int hidden = config.hiddenSize();
        int queries = layer.headCount() * layer.keySize();
        int keys = layer.keyValueHeadCount() * layer.keySize();
        int values = layer.keyValueHeadCount() * layer.valueSize();
        boolean headNorms = config.architecture().headNorms();
        boolean postNorms = config.architecture().postNorms();
        return new AttentionWeights(
                vector(prefix + "attn_norm.weight", hidden),
                matrix(prefix + "attn_q.weight", queries, hidden),
                matrix(prefix + "attn_k.weight", keys, hidden),
                matrix(prefix + "attn_v.weight", values, hidden),
                matrix(prefix + "attn_output.weight", hidden, layer.headCount() * layer.valueSize()),
                optional(prefix + "attn_q.bias", queries),
                optional(prefix + "attn_k.bias", keys),
                optional(prefix + "attn_v.bias", values),
                optional(prefix + "attn_output.bias", hidden),
                headNorms ? vector(prefix + "attn_q_norm.weight", layer.keySize()) : ModelWeights.NONE,
                headNorms ? vector(prefix + "attn_k_norm.weight", layer.keySize()) : ModelWeights.NONE,
                postNorms ? vector(prefix + "post_attention_norm.weight", hidden) : ModelWeights.NONE);
    }

    private FeedForwardWeights feedForward(String prefix, ModelConfig config, LayerConfig layer) throws IOException {
        int hidden = config.hiddenSize();
        int inner = layer.feedForwardSize();
        boolean postNorms = config.architecture().postNorms();
        return new FeedForwardWeights(
                vector(prefix + "ffn_norm.weight", hidden),
                matrix(prefix + "ffn_gate.weight", inner, hidden),
                matrix(prefix + "ffn_up.weight", inner, hidden),
                matrix(prefix + "ffn_down.weight", hidden, inner),
                optional(prefix + "ffn_gate.bias", inner),
                optional(prefix + "ffn_up.bias", inner),
                optional(prefix + "ffn_down.bias", hidden),
                postNorms ? vector(prefix + "post_ffw_norm.weight", hidden) : ModelWeights.NONE);
    }

    private Linear matrix(String name, int rows, int columns) throws IOException {
        TensorInfo tensor = required(source, name);
        requireShape(tensor, List.of((long) columns, (long) rows));
        used.add(name);
        try {
            return LinearLoader.pack(
                    tensor.type(),
                    rows,
                    columns,
                    (byteOffset, byteCount, arena) -> source.map(tensor, byteOffset, byteCount, arena),
                    workers,
                    kernels);
        } catch (IllegalArgumentException problem) {
            throw new GgufException("tensor " + name + ": " + problem.getMessage(), -1);
        }
    }

    private float[] optional(String name, int size) throws IOException {
        return source.tensor(name).isPresent() ? vector(name, size) : ModelWeights.NONE;
    }

    private float[] vector(String name, int size) throws IOException {
        TensorInfo tensor = required(source, name);
        requireShape(tensor, List.of((long) size));
        used.add(name);
        float[] values = new float[size];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = source.map(tensor, arena);
            for (int i = 0; i < size; i++) {
                values[i] = number(tensor, bytes, i);
            }
        }
        return values;
    }

    private static float number(TensorInfo tensor, MemorySegment bytes, int index) {
        return switch (tensor.type()) {
            case F32 -> bytes.getAtIndex(FLOAT, index);
            case F16 -> Float.float16ToFloat(bytes.getAtIndex(SHORT, index));
            case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(SHORT, index) << BFLOAT_SHIFT);
            default ->
                throw new GgufException(
                        "tensor " + tensor.name() + " has type " + tensor.type() + ", expected one of "
                                + List.of(TensorType.F32, TensorType.F16, TensorType.BF16),
                        -1);
        };
    }

    private static TensorInfo required(TensorSource source, String name) {
        return source.tensor(name)
                .orElseThrow(
                        () -> new GgufException("tensor " + name + " is missing: the file holds no whole model", -1));
    }

    private static void requireShape(TensorInfo tensor, List<Long> expected) {
        if (!tensor.dimensions().equals(expected)) {
            throw new GgufException(
                    "tensor " + tensor.name() + " has dimensions " + tensor.dimensions()
                            + ", the file's metadata demands " + expected,
                    -1);
        }
    }

    /** A tensor that is not understood would change the results if it were left out. */
    private void rejectUnused(Architecture architecture) {
        for (TensorInfo tensor : source.tensors()) {
            if (!used.contains(tensor.name())) {
                throw new GgufException(
                        "tensor " + tensor.name() + " is no part of a model of architecture " + architecture.key(), -1);
            }
        }
    }
}
