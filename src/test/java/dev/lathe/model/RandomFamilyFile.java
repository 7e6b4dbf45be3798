package dev.lathe.model;

import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.config.LayerShapes;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.config.TensorShape;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A small file of random weights, as a family's files are: its keys, its tensors' names and shapes. */
public final class RandomFamilyFile implements TensorSource {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int VOCABULARY = 48;
    private static final int LAYERS = 4;
    private static final int HIDDEN = 64;
    private static final int HEADS = 4;
    private static final int EXPERTS = 6;

    private final Metadata metadata;
    private final Random random = new Random(7);
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, MemorySegment> contents = new LinkedHashMap<>();

    /** Of a family by its name. */
    public RandomFamilyFile(String family) {
        this(family, VOCABULARY);
    }

    /** Of a family by its name, with so many tokens. */
    public RandomFamilyFile(String family, int vocabulary) {
        this(family, vocabulary, EXPERTS);
    }

    /** Of a family by its name, with so many tokens and, if it has some, so many experts. */
    public RandomFamilyFile(String family, int vocabulary, int experts) {
        metadata = keys(family, experts);
        ModelConfig config = Families.describe(metadata, vocabulary);
        matrix(TensorRole.EMBEDDING.weight(), List.of((long) HIDDEN, (long) vocabulary));
        if (config.ends().learnedPositions()) {
            matrix(TensorRole.POSITION_EMBEDDING.weight(), List.of((long) HIDDEN, (long) config.contextLength()));
        }
        if (config.ends().embeddingNorm()) {
            norm(TensorRole.EMBEDDING_NORM.weight(), TensorRole.EMBEDDING_NORM.bias(), config);
        }
        if (config.ends().tokenTypes() > 0) {
            matrix(TensorRole.TOKEN_TYPES.weight(), List.of((long) HIDDEN, (long)
                    config.ends().tokenTypes()));
        }
        if (config.ends().finalNorm()) {
            norm(TensorRole.FINAL_NORM.weight(), TensorRole.FINAL_NORM.bias(), config);
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            for (TensorShape shape : LayerShapes.of(config, layer)) {
                add(shape, layer, config);
            }
        }
    }

    private static Metadata keys(String family, int experts) {
        boolean latent = family.equals("deepseek2");
        Metadata.Builder keys = Metadata.builder()
                .string("general.architecture", family)
                .uint32(family + ".block_count", LAYERS)
                .uint32(family + ".context_length", 64)
                .uint32(family + ".embedding_length", HIDDEN)
                .uint32(family + ".feed_forward_length", family.equals("qwen") ? 192 : 96)
                .uint32(family + ".attention.head_count", HEADS)
                .uint32(family + ".attention.head_count_kv", latent ? 1 : family.contains("bert") ? HEADS : 2)
                .uint32(family + ".attention.sliding_window", 5)
                .float32(family + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .float32(family + ".attention.layer_norm_epsilon", 1e-5f);
        if (family.contains("moe")
                || List.of("gpt-oss", "dots1", "deepseek", "llama4", "minimax-m2", "dbrx")
                        .contains(family)
                || latent) {
            keys.uint32(family + ".expert_count", experts)
                    .uint32(family + ".expert_used_count", 2)
                    .uint32(family + ".expert_feed_forward_length", 32);
        }
        if (family.equals("apertus")) {
            keys.floats("xielu.alpha_p", 0.1f, 0.2f, 0.3f, 0.4f)
                    .floats("xielu.alpha_n", 0.4f, 0.3f, 0.2f, 0.1f)
                    .float32("xielu.beta", 0.5f)
                    .float32("xielu.eps", -1e-6f);
        }
        if (family.contains("bert")) {
            keys.bool(family + ".attention.causal", false).uint32("tokenizer.ggml.token_type_count", 2);
        }
        if (latent) {
            keys.uint32(family + ".attention.kv_lora_rank", 32)
                    .uint32(family + ".attention.key_length_mla", 24)
                    .uint32(family + ".attention.value_length_mla", 16)
                    .uint32(family + ".rope.dimension_count", 8)
                    .uint32(family + ".leading_dense_block_count", 1)
                    .uint32(family + ".expert_shared_count", 1)
                    .uint32(family + ".expert_gating_func", 2);
        }
        return keys.build();
    }

    private void add(TensorShape shape, int layer, ModelConfig config) {
        String name = shape.role().weight(layer);
        long rows = shape.rows();
        long columns = shape.columns();
        switch (shape.kind()) {
            case MATRIX -> {
                if (shape.fusion().filter(TensorShape.Fusion::usual).isEmpty()) {
                    matrix(name, List.of(columns, rows));
                } else if (!tensors.containsKey(shape.fusion().get().role().weight(layer))) {
                    TensorShape.Fusion fusion = shape.fusion().get();
                    matrix(fusion.role().weight(layer), List.of(columns, (long) fusion.rows()));
                }
            }
            case STACK -> matrix(name, List.of(columns, rows, (long) shape.count()));
            case NORM -> norm(name, shape.role().bias(layer), config);
            case VECTOR -> put(name, List.of(rows), 1, 0.25f);
            case GAINS -> put(name, List.of(rows, (long) shape.count()), 1, 0.25f);
            case BIAS -> put(shape.role().bias(layer), List.of(rows), 0, 0.25f);
            case RESIDUAL -> {}
        }
    }

    private void norm(String gain, String shift, ModelConfig config) {
        if (config.norms() == NormKind.LAYER_WITHOUT_WEIGHTS) {
            return;
        }
        put(gain, List.of((long) HIDDEN), 1, 0.25f);
        if (config.norms() == NormKind.LAYER) {
            put(shift, List.of((long) HIDDEN), 0, 0.25f);
        }
    }

    private void matrix(String name, List<Long> dimensions) {
        put(name, dimensions, 0, (float) (1.5 / Math.sqrt(dimensions.getFirst())));
    }

    private void put(String name, List<Long> dimensions, float mean, float deviation) {
        TensorInfo tensor = new TensorInfo(name, TensorType.F32, dimensions, 0, 0);
        byte[] content = new byte[(int) tensor.byteCount()];
        MemorySegment segment = MemorySegment.ofArray(content);
        for (long i = 0; i < tensor.elementCount(); i++) {
            segment.setAtIndex(FLOAT, i, mean + deviation * (float) random.nextGaussian());
        }
        tensors.put(name, tensor);
        contents.put(name, segment);
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public List<TensorInfo> tensors() {
        return new ArrayList<>(tensors.values());
    }

    @Override
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    @Override
    public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) {
        return contents.get(tensor.name()).asSlice(byteOffset, byteCount);
    }
}
