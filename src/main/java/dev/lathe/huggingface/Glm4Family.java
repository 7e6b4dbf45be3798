package dev.lathe.huggingface;

import java.util.Map;

/** GLM 4: gate and up in one matrix, norms before and after each half of a layer. Folders rotate neighbours. */
final class Glm4Family extends Family {
    @Override
    String architecture() {
        return "glm4";
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(0.5);
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                without(super.layerNames(), "mlp.gate_proj", "mlp.up_proj"),
                Map.of(
                        "mlp.gate_up_proj", "ffn_up",
                        "post_self_attn_layernorm", "post_attention_norm",
                        "post_mlp_layernorm", "post_ffw_norm"));
    }
}
