package dev.lathe.model.config;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.MetadataValue;
import dev.lathe.model.config.RopeConfig.Scaling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Reads a model's shape from the keys of a GGUF file. */
final class ConfigReader {
    private static final int MAX_LAYERS = 4096;
    private static final int GEMMA_27B_LAYERS = 62;
    private static final int GEMMA_WINDOW_PATTERN = 6;
    private static final double DEFAULT_ROPE_BASE = 10_000;

    private final Metadata metadata;
    private final Architecture architecture;

    ConfigReader(Metadata metadata) {
        this.metadata = metadata;
        this.architecture = Architecture.of(metadata);
    }

    ModelConfig read(int vocabularySize) {
        rejectWhatWouldBeIgnored();
        int layerCount = metadata.intValue(key("block_count"));
        if (layerCount < 1 || layerCount > MAX_LAYERS) {
            throw wrong(key("block_count") + " is " + layerCount + ", expected 1 to " + MAX_LAYERS);
        }
        try {
            int hiddenSize = positive(key("embedding_length"), metadata.intValue(key("embedding_length")));
            return new ModelConfig(
                    architecture,
                    vocabularySize,
                    metadata.intValue(key("context_length")),
                    hiddenSize,
                    (float) metadata.number(key(
                            architecture.layerNorms()
                                    ? "attention.layer_norm_epsilon"
                                    : "attention.layer_norm_rms_epsilon")),
                    architecture == Architecture.GEMMA3 ? (float) Math.sqrt(hiddenSize) : 1f,
                    layers(layerCount, hiddenSize),
                    LatheFormat.sizes(metadata, hiddenSize, layerCount),
                    vocabularyFingerprint());
        } catch (IllegalArgumentException | ArithmeticException problem) {
            throw wrong(architecture.key() + " model: " + problem.getMessage());
        }
    }

    /** Two hashes of 32 bits: of the pieces, and of the tokens that begin and end a text. */
    private long vocabularyFingerprint() {
        return metadata.find("tokenizer.ggml.tokens")
                .map(pieces -> (long) pieces.hashCode() << 32
                        | Integer.toUnsignedLong(Objects.hash(
                                metadata.findInteger("tokenizer.ggml.bos_token_id"),
                                metadata.findInteger("tokenizer.ggml.eos_token_id"))))
                .orElse(0L);
    }

    private void rejectWhatWouldBeIgnored() {
        long experts = metadata.findInteger(key("expert_count")).orElse(0);
        if (experts > 0) {
            throw wrong(architecture.key() + " model with " + experts
                    + " experts cannot be run: only dense feed-forward blocks are supported");
        }
        if (!metadata.findBoolean(key("attention.causal")).orElse(true)) {
            throw wrong(architecture.key() + " model without causal attention is no decoder and cannot be run");
        }
        for (String name : List.of("final_logit_softcapping", "attn_logit_softcapping")) {
            if (metadata.findNumber(key(name)).orElse(0) != 0) {
                throw wrong(key(name) + " is set: soft-capped logits are not supported");
            }
        }
    }

    private List<LayerConfig> layers(int count, int hiddenSize) {
        int[] heads = perLayer("attention.head_count", count, null);
        int[] keyValueHeads = perLayer("attention.head_count_kv", count, heads);
        int[] feedForward = perLayer("feed_forward_length", count, null);
        boolean[] local = slidingLayers(count);
        int window = integer("attention.sliding_window", 0);
        List<LayerConfig> layers = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            int share = hiddenSize / positive(key("attention.head_count"), heads[layer]);
            int keySize = integer("attention.key_length", share);
            int valueSize = integer("attention.value_length", share);
            layers.add(new LayerConfig(
                    heads[layer],
                    keyValueHeads[layer],
                    keySize,
                    valueSize,
                    attentionScale(count, hiddenSize, heads[layer], keySize),
                    feedForward[layer],
                    local[layer] ? window : 0,
                    rope(keySize, architecture == Architecture.GEMMA3 && local[layer])));
        }
        return layers;
    }

    /** The largest Gemma 3 scales by the hidden size of a head's share, not by the head's own size. */
    private float attentionScale(int layerCount, int hiddenSize, int heads, int keySize) {
        boolean byHiddenSize = architecture == Architecture.GEMMA3 && layerCount == GEMMA_27B_LAYERS;
        return (float) (1 / Math.sqrt(byHiddenSize ? hiddenSize / heads : keySize));
    }

    /** Gemma 3: five layers with a window, one without, unless the file has a pattern; others: all or none. */
    private boolean[] slidingLayers(int count) {
        boolean[] local = new boolean[count];
        if (integer("attention.sliding_window", 0) == 0) {
            return local;
        }
        String patternKey = key("attention.sliding_window_pattern");
        boolean hasList = metadata.find(patternKey).orElse(null) instanceof MetadataValue.ArrayValue;
        if (hasList) {
            boolean[] pattern = metadata.findBooleans(patternKey).orElseThrow();
            if (pattern.length < count) {
                throw wrong(patternKey + " has " + pattern.length + " entries for " + count + " blocks");
            }
            return Arrays.copyOf(pattern, count);
        }
        long pattern =
                metadata.findInteger(patternKey).orElse(architecture == Architecture.GEMMA3 ? GEMMA_WINDOW_PATTERN : 0);
        for (int layer = 0; layer < count; layer++) {
            local[layer] = pattern <= 0 || layer % pattern < pattern - 1;
        }
        return local;
    }

    private RopeConfig rope(int keySize, boolean local) {
        int dimensions = integer("rope.dimension_count", keySize);
        if (local) {
            double base = number("rope.freq_base_swa", DEFAULT_ROPE_BASE);
            return new RopeConfig(dimensions, base, new Scaling.None());
        }
        return new RopeConfig(dimensions, number("rope.freq_base", DEFAULT_ROPE_BASE), scaling());
    }

    /** A factor without a type means linear; the key of files from before 2023-10 is read too. */
    private Scaling scaling() {
        String type = metadata.findString(key("rope.scaling.type")).orElse("linear");
        double factor = number("rope.scaling.factor", number("rope.scale_linear", 0));
        if (factor == 0) {
            factor = 1;
        }
        return switch (type) {
            case "none" -> new Scaling.None();
            case "linear" -> factor == 1 ? new Scaling.None() : new Scaling.Linear(factor);
            case "yarn" ->
                new Scaling.Yarn(
                        factor,
                        integer("rope.scaling.original_context_length", metadata.intValue(key("context_length"))),
                        number("rope.scaling.yarn_beta_fast", 32),
                        number("rope.scaling.yarn_beta_slow", 1),
                        number("rope.scaling.yarn_log_multiplier", 0),
                        number("rope.scaling.attn_factor", 1));
            default -> throw wrong(key("rope.scaling.type") + " is '" + type + "'; supported: none, linear, yarn");
        };
    }

    /** One number for all blocks, or a list with one for each. */
    private int[] perLayer(String name, int count, int[] fallback) {
        String key = key(name);
        if (fallback != null && !metadata.contains(key)) {
            return fallback;
        }
        if (metadata.find(key).orElse(null) instanceof MetadataValue.ArrayValue) {
            int[] values = metadata.ints(key);
            if (values.length != count) {
                throw wrong(key + " has " + values.length + " entries for " + count + " blocks");
            }
            return values;
        }
        int[] values = new int[count];
        Arrays.fill(values, metadata.intValue(key));
        return values;
    }

    private int integer(String name, int fallback) {
        return metadata.contains(key(name)) ? metadata.intValue(key(name)) : fallback;
    }

    private static int positive(String key, int value) {
        if (value <= 0) {
            throw wrong(key + " must be positive, got " + value);
        }
        return value;
    }

    private double number(String name, double fallback) {
        return metadata.findNumber(key(name)).orElse(fallback);
    }

    private String key(String name) {
        return architecture.key() + "." + name;
    }

    private static GgufException wrong(String problem) {
        return new GgufException(problem, -1);
    }
}
