package dev.lathe.huggingface;

import java.util.Map;

/** OLMo 1: norms without weights, clamped queries, keys and values. */
final class OlmoFamily extends Family {
    private static final double NORM_EPSILON = 1e-5;

    @Override
    String architecture() {
        return "olmo";
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        config.json().findDouble("clip_qkv").ifPresent(clamp -> keys.number("attention.clamp_kqv", clamp));
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", NORM_EPSILON);
    }

    @Override
    Map<String, String> wholeNames() {
        return without(super.wholeNames(), "model.norm");
    }

    @Override
    Map<String, String> layerNames() {
        return without(super.layerNames(), "input_layernorm", "post_attention_layernorm");
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
