package dev.lathe.huggingface;

import dev.lathe.text.json.JsonString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A decoder of the kind of GPT-2: layer norms, no gate, queries, keys and values in one matrix. A folder of the whole model names the
 * decoder before each of its tensors, one of the decoder alone does not.
 */
abstract class FusedFamily extends NamedFamily {
    /** Masks, and what positions rotate by. */
    private static final Pattern UNUSED = Pattern.compile(".*\\.(attn|attention)\\.(bias|masked_bias)|.*\\.inv_freq");

    private final String prefix;

    /**
     * A family by its names.
     *
     * @param prefix what stands before the decoder's tensors, such as {@code transformer.}
     * @param layers what stands before a layer's number after that, such as {@code h.}
     */
    FusedFamily(
            String architecture,
            String prefix,
            String layers,
            Map<String, String> wholeNames,
            Map<String, String> layerNames) {
        super(architecture, prefix + layers, wholeNames, layerNames);
        this.prefix = prefix;
    }

    @Override
    String activation() {
        return "gelu";
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("hidden_act", new JsonString(activation()));
        describeSizes(config, keys);
        keys.count("attention.head_count_kv", config.keyValueHeadCount());
        describeNorms(config, keys);
    }

    /** How positions rotate a part of each head. */
    final void describeRotation(Config config, Keys keys) {
        keys.count("rope.dimension_count", rotaryDimensions(config));
        config.rope("full_attention").describe(config, keys);
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_epsilon"));
    }

    @Override
    Optional<String> rename(String name, Config config) {
        return UNUSED.matcher(name).matches() ? Optional.empty() : super.rename(name, config);
    }

    @Override
    String stem(String name) {
        return name.startsWith(prefix) || wholeNames().containsKey(name) ? name : prefix + name;
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        return name.contains(".attn_qkv.")
                ? Map.of(name, queryKeyValue(tensor, config))
                : Map.of(name, List.of(tensor));
    }

    /** All queries, all keys, all values; here from groups of queries, a key and a value. */
    static List<TensorView> queryKeyValue(TensorView fused, Config config) {
        int groups = config.keyValueHeadCount();
        int size = config.headSize();
        long queries = (long) config.headCount() / groups * size;
        TensorView heads = fused.split(0, groups, queries + 2 * size);
        return List.of(
                heads.range(1, 0, queries).join(0),
                heads.range(1, queries, size).join(0),
                heads.range(1, queries + size, size).join(0));
    }

    @Override
    Map<String, float[]> vectors(Config config) {
        return Map.of();
    }
}
