package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.Map;

/**
 * Command R, Command R+ with normed heads, and Command R7B and A with windows: side by side, layer norms without a
 * shift. Folders rotate neighbours.
 */
final class CohereFamily extends Family {
    private final String architecture;

    CohereFamily(String architecture) {
        this.architecture = architecture;
    }

    @Override
    String architecture() {
        return architecture;
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("use_parallel_block", JsonLiteral.TRUE);
        config.require("use_gated_activation", JsonLiteral.TRUE);
        super.describe(config, keys);
        keys.number("logit_scale", config.json().doubleValue("logit_scale"));
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
    }

    @Override
    Map<String, String> layerNames() {
        return without(super.layerNames(), "post_attention_layernorm");
    }
}
