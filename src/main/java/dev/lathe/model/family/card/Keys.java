package dev.lathe.model.family.card;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.MetadataValue;
import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.config.PredictionLayers;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.RopeConfig.Scaling;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The keys of a file, without the family's prefix. What most families have in common is read here; each family adds what is its
 * own. A key that would change the results and that nobody read is an error. Not thread-safe.
 */
public final class Keys {
    private static final int MAX_LAYERS = 4096;
    private static final double DEFAULT_ROPE_BASE = 10_000;

    /** Keys that are no part of every family, but change what is computed where they are set. */
    private static final List<String> MEANINGFUL = List.of(
            "final_logit_softcapping",
            "attn_logit_softcapping",
            "embedding_scale",
            "residual_scale",
            "logit_scale",
            "attention.scale",
            "attention.temperature_scale",
            "attention.max_alibi_bias",
            "attention.clamp_kqv",
            "attention.kv_lora_rank",
            "rope.scaling.alpha",
            "expert_count",
            "use_parallel_residual");

    private final Metadata metadata;
    private final String family;
    private final Set<String> read = new HashSet<>();
    private final int layerCount;
    private final int hiddenSize;

    /**
     * The keys of a family's file.
     *
     * @throws GgufException if it does not say how many layers of which size there are
     */
    public Keys(Metadata metadata, String family) {
        this.metadata = metadata;
        this.family = family;
        int blocks = metadata.intValue(key("block_count"));
        if (blocks < 1 || blocks > MAX_LAYERS) {
            throw wrong(key("block_count") + " is " + blocks + ", expected 1 to " + MAX_LAYERS);
        }
        layerCount = blocks - PredictionLayers.count(metadata);
        hiddenSize = positive("embedding_length", metadata.intValue(key("embedding_length")));
    }

    /** The name of the family. */
    public String family() {
        return family;
    }

    /** How many layers compute the next token; those that predict later ones are not counted. */
    public int layerCount() {
        return layerCount;
    }

    /** Length of the rows between layers. */
    public int hiddenSize() {
        return hiddenSize;
    }

    /** Most tokens of a text. */
    public int contextLength() {
        return metadata.intValue(key("context_length"));
    }

    /** How the file says that vectors of texts are made. */
    public Pooling pooling() {
        return pooling("pooling_type", Pooling.NONE);
    }

    /** The same under another name, and where the file says nothing. */
    public Pooling pooling(String name, Pooling fallback) {
        int pooling = integer(name, fallback.ordinal());
        if (pooling < 0 || pooling >= Pooling.values().length) {
            throw wrong(
                    key(name) + " is " + pooling + ", expected 0 (none), 1 (mean), 2 (first), 3 (last) or 4 (rank)");
        }
        return Pooling.values()[pooling];
    }

    /** How many kinds of tokens have an embedding. */
    public int tokenTypes() {
        return Math.toIntExact(
                metadata.findInteger("tokenizer.ggml.token_type_count").orElse(0));
    }

    /** A text of the family's own. */
    public String text(String name, String fallback) {
        read.add(name);
        return metadata.findString(key(name)).orElse(fallback);
    }

    /** What norms of a kind add to the variance. */
    public float normEpsilon(NormKind norms) {
        return (float) metadata.number(
                key(norms.isLayerNorm() ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"));
    }

    /** A layer as the keys have it that all families share: sizes, windows in all layers or the file's own, rotation. */
    public LayerConfig.Builder layer(int layer) {
        int[] heads = perLayer("attention.head_count", null);
        int[] keyValueHeads = perLayer("attention.head_count_kv", heads);
        int share = hiddenSize / positive("attention.head_count", heads[layer]);
        int keySize = integer("attention.key_length", share);
        return LayerConfig.builder(
                        heads[layer], keyValueHeads[layer], keySize, integer("attention.value_length", share))
                .causal(flag("attention.causal", true))
                .feedForwardSize(feedForwardLength(layer))
                .slidingWindow(isSliding(layer, 0) ? slidingWindow(0) : 0)
                .rope(rope(keySize));
    }

    /** What the file says of the inner length of a layer's feed-forward part. */
    public int feedForwardLength(int layer) {
        return perLayer("feed_forward_length", null)[layer];
    }

    /** Heads of queries of a layer. */
    public int headCount(int layer) {
        return positive("attention.head_count", perLayer("attention.head_count", null)[layer]);
    }

    /** Heads of keys and values of a layer. */
    public int keyValueHeadCount(int layer) {
        return perLayer("attention.head_count_kv", perLayer("attention.head_count", null))[layer];
    }

    /** Length of a head of queries and keys of a layer. */
    public int keySize(int layer) {
        return integer("attention.key_length", hiddenSize / headCount(layer));
    }

    /** How many last positions layers with a window see. */
    public int slidingWindow(int fallback) {
        return integer("attention.sliding_window", fallback);
    }

    /**
     * Whether a layer has a window: as the file's list says, or all but each last one of so many.
     *
     * @param fallback of how many layers the last has none, where the file does not say; 0 if all have one
     */
    public boolean isSliding(int layer, int fallback) {
        String patternKey = key("attention.sliding_window_pattern");
        if (metadata.find(patternKey).orElse(null) instanceof MetadataValue.ArrayValue) {
            boolean[] pattern = metadata.findBooleans(patternKey).orElseThrow();
            if (pattern.length < layerCount) {
                throw wrong(patternKey + " has " + pattern.length + " entries for " + layerCount + " blocks");
            }
            return pattern[layer];
        }
        long pattern = metadata.findInteger(patternKey).orElse(fallback);
        return pattern <= 0 || layer % pattern < pattern - 1;
    }

    /** How positions rotate heads of this length. */
    public RopeConfig rope(int keySize) {
        if (rotarySections().length > 3 && rotarySections()[3] > 0) {
            throw wrong(key("rope.dimension_sections") + " has a fourth section, for which texts have no place");
        }
        return new RopeConfig(rotaryDimensions(keySize), ropeBase(), scaling());
    }

    /** How positions rotate them in layers with a window: never stretched. */
    public RopeConfig localRope(int keySize, double fallbackBase) {
        return new RopeConfig(
                rotaryDimensions(keySize), number("rope.freq_base_swa", fallbackBase), new Scaling.None());
    }

    /** How positions rotate heads of this length where the file may hold factors for short and for long contexts. */
    public RopeConfig longRope(int keySize) {
        return new RopeConfig(rotaryDimensions(keySize), ropeBase(), byContext());
    }

    private Scaling byContext() {
        return new Scaling.ByContext(
                integer("rope.scaling.original_context_length", contextLength()),
                number("rope.scaling.attn_factor", 1));
    }

    /** How many values of a head rotate. */
    public int rotaryDimensions(int keySize) {
        return integer("rope.dimension_count", keySize);
    }

    /**
     * Whether sections of a head rotate by a place each (time, height, width), as those of models that read images do: in texts, where
     * all are the position, this only tells in which order files have the elements.
     */
    public boolean hasRotarySections() {
        return rotarySections().length > 1 && rotarySections()[0] > 0 && rotarySections()[1] > 0;
    }

    private int[] rotarySections() {
        String key = key("rope.dimension_sections");
        return metadata.find(key).orElse(null) instanceof MetadataValue.ArrayValue ? metadata.ints(key) : new int[0];
    }

    /** The base of the rotation's frequencies. */
    public double ropeBase() {
        return number("rope.freq_base", DEFAULT_ROPE_BASE);
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
            case "yarn" -> yarn(factor);
            case "longrope" -> byContext();
            default ->
                throw wrong(key("rope.scaling.type") + " is '" + type + "'; supported: none, linear, yarn, longrope");
        };
    }

    private Scaling yarn(double factor) {
        return new Scaling.Yarn(
                factor,
                integer("rope.scaling.original_context_length", contextLength()),
                number("rope.scaling.yarn_beta_fast", 32),
                number("rope.scaling.yarn_beta_slow", 1),
                flag("rope.scaling.yarn_truncate", true),
                number("rope.scaling.yarn_log_multiplier", 0),
                number("rope.scaling.attn_factor", 1));
    }

    /** Whether the file has experts. */
    public boolean hasExperts() {
        return Arrays.stream(expertCounts()).anyMatch(count -> count > 0);
    }

    /** How many experts a layer has. */
    public int expertCount(int layer) {
        return expertCounts()[layer];
    }

    /** One for each layer; they differ while experts are being removed. */
    private int[] expertCounts() {
        read.add("expert_count");
        return perLayer("expert_count", new int[layerCount]);
    }

    /** How the experts of a layer are chosen, as the keys have it that all families share. */
    public ExpertsConfig experts(int layer, Scoring scoring, boolean normalized, int sharedSize, boolean sharedGate) {
        return new ExpertsConfig(
                expertCounts()[layer],
                integer("expert_used_count", 0),
                scoring,
                flag("expert_weights_norm", normalized),
                (float) number("expert_weights_scale", 1),
                Math.max(1, integer("expert_group_count", 1)),
                Math.max(1, integer("expert_group_used_count", 1)),
                sharedSize,
                sharedGate,
                false);
    }

    /** A layer with experts and a shared one, or as it is where it is one of the dense layers that come first. */
    public LayerConfig.Builder routed(LayerConfig.Builder layer, int i, Scoring scoring, int sharedSize) {
        return isLeadingDense(i) ? layer : layer.experts(experts(i, scoring, false, sharedSize, false), expertSize(i));
    }

    /** Inner length of each expert of a layer. */
    public int expertSize(int layer) {
        return perLayer("expert_feed_forward_length", perLayer("feed_forward_length", null))[layer];
    }

    /** Inner length of the experts of a layer that all tokens take, together. */
    public int sharedExpertsSize(int layer) {
        return Math.multiplyExact(integer("expert_shared_count", 0), expertSize(layer));
    }

    /** How routers score experts, or as given where the file does not say. */
    public Scoring scoring(Scoring otherwise) {
        return switch (integer("expert_gating_func", 0)) {
            case 1 -> Scoring.SOFTMAX;
            case 2 -> Scoring.SIGMOID;
            default -> otherwise;
        };
    }

    /** Whether a layer is one of the first, which have no experts. */
    public boolean isLeadingDense(int layer) {
        return layer < integer("leading_dense_block_count", 0);
    }

    /** A whole number of the family's own. */
    public int integer(String name, int fallback) {
        read.add(name);
        return metadata.contains(key(name)) ? metadata.intValue(key(name)) : fallback;
    }

    /** A number of the family's own. */
    public double number(String name, double fallback) {
        read.add(name);
        return metadata.findNumber(key(name)).orElse(fallback);
    }

    /** A layer's number, of a list with one for each or one for all, by its whole key. */
    public double wholeKey(String key, int layer) {
        if (!(metadata.find(key).orElse(null) instanceof MetadataValue.ArrayValue)) {
            return metadata.number(key);
        }
        float[] values = metadata.floats(key);
        if (values.length != layerCount) {
            throw wrong(key + " has " + values.length + " entries for " + layerCount + " blocks");
        }
        return values[layer];
    }

    /** A switch of the family's own. */
    public boolean flag(String name, boolean fallback) {
        read.add(name);
        return metadata.findBoolean(key(name)).orElse(fallback);
    }

    /** A key that would change the results must not be ignored. */
    public void rejectUnread() {
        for (String name : MEANINGFUL) {
            if (metadata.contains(key(name)) && !read.contains(name) && !isNothing(name)) {
                throw wrong(key(name) + " is set, which " + family + " models are not known to have");
            }
        }
    }

    private boolean isNothing(String name) {
        return metadata.find(key(name)).orElseThrow() instanceof MetadataValue.BooleanValue
                ? !metadata.findBoolean(key(name)).orElseThrow()
                : metadata.findNumber(key(name)).orElseThrow() == 0;
    }

    /** One number for all layers, or a list with one for each. */
    private int[] perLayer(String name, int[] fallback) {
        String key = key(name);
        if (fallback != null && !metadata.contains(key)) {
            return fallback;
        }
        if (metadata.find(key).orElse(null) instanceof MetadataValue.ArrayValue) {
            int[] values = metadata.ints(key);
            if (values.length != layerCount) {
                throw wrong(key + " has " + values.length + " entries for " + layerCount + " blocks");
            }
            return values;
        }
        int[] values = new int[layerCount];
        Arrays.fill(values, metadata.intValue(key));
        return values;
    }

    private int positive(String name, int value) {
        if (value <= 0) {
            throw wrong(key(name) + " must be positive, got " + value);
        }
        return value;
    }

    private String key(String name) {
        return family + "." + name;
    }

    private static GgufException wrong(String problem) {
        return new GgufException(problem, -1);
    }
}
