package dev.lathe.huggingface;

import java.util.List;
import java.util.Map;

/**
 * gpt-oss: sinks, windows in every other layer. Folders have gate and up of all experts in one tensor, row by row, either as numbers
 * with columns as rows or in MXFP4.
 */
final class GptOssFamily extends ExpertsFamily {
    private static final double GATE_FACTOR = 1.702;
    private static final double GATE_LIMIT = 7;

    @Override
    String architecture() {
        return "gpt-oss";
    }

    @Override
    void describe(Config config, Keys keys) {
        config.requireNumber("swiglu_alpha", GATE_FACTOR);
        config.requireNumber("swiglu_limit", GATE_LIMIT);
        super.describe(config, keys);
        keys.count("expert_feed_forward_length", config.integer("intermediate_size"));
    }

    @Override
    int expertCount(Config config) {
        return config.integer("num_local_experts");
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                super.layerNames(),
                Map.of(
                        "post_attention_layernorm", "post_attention_norm",
                        "self_attn.sinks", "attn_sinks",
                        "mlp.router", "ffn_gate_inp",
                        "mlp.experts.gate_up_proj", "ffn_gate_up_exps",
                        "mlp.experts.down_proj", "ffn_down_exps"));
    }

    @Override
    String spelled(String name) {
        return name.replaceFirst("(experts\\.(gate_up|down)_proj|sinks)$", "$1.weight")
                .replaceFirst("_proj_(bias|blocks|scales)$", "_proj.$1");
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        if (!name.contains("_exps.")) {
            return super.arrange(name, tensor, config);
        }
        TensorView rows = name.endsWith(".weight") ? tensor.swap(1) : tensor;
        return name.contains("gate_up")
                ? Map.of(
                        name.replace("gate_up", "gate"), List.of(rows.everySecond(1, 0)),
                        name.replace("gate_up", "up"), List.of(rows.everySecond(1, 1)))
                : Map.of(name, List.of(rows));
    }
}
