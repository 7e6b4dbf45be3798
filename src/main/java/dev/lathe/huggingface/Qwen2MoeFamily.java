package dev.lathe.huggingface;

import java.util.List;
import java.util.Map;

/** Qwen 2 with experts in every layer, one of them shared. */
final class Qwen2MoeFamily extends QwenMoeFamily {
    Qwen2MoeFamily() {
        super("qwen2moe", false);
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        keys.count("expert_shared_feed_forward_length", config.integer("shared_expert_intermediate_size"));
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                super.layerNames(),
                Map.of(
                        "mlp.shared_expert.gate_proj", "ffn_gate_shexp",
                        "mlp.shared_expert.up_proj", "ffn_up_shexp",
                        "mlp.shared_expert.down_proj", "ffn_down_shexp",
                        "mlp.shared_expert_gate", "ffn_gate_inp_shexp"));
    }

    /** GGUF files have the one row of the shared expert's gate as a vector. */
    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        return name.endsWith(".ffn_gate_inp_shexp.weight")
                ? Map.of(name, List.of(tensor.join(0)))
                : super.arrange(name, tensor, config);
    }
}
