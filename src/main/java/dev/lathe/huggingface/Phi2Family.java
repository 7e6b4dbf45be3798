package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.Map;

/** Phi 1.5 and 2: side by side on one norm, biases everywhere. */
final class Phi2Family extends Family {
    @Override
    String architecture() {
        return "phi2";
    }

    @Override
    String activation() {
        return "gelu_new";
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("qk_layernorm", JsonLiteral.FALSE);
        super.describe(config, keys);
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(0.5);
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                without(super.layerNames(), "post_attention_layernorm"),
                Map.of("self_attn.dense", "attn_output", "mlp.fc1", "ffn_up", "mlp.fc2", "ffn_down"));
    }

    @Override
    Map<String, String> wholeNames() {
        return with(super.wholeNames(), Map.of("model.final_layernorm", "output_norm"));
    }
}
