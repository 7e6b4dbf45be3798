package dev.lathe.huggingface;

import java.util.List;
import java.util.Map;

/** Granite 3 with experts, in some models with a shared one. Folders have gate and up in one tensor. */
final class GraniteMoeFamily extends GraniteFamily {
    @Override
    String architecture() {
        return "granitemoe";
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        keys.count("expert_count", config.integer("num_local_experts"));
        keys.count("expert_used_count", config.integer("num_experts_per_tok"));
        config.findInteger("shared_intermediate_size")
                .ifPresent(size -> keys.count("expert_shared_feed_forward_length", size));
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                super.layerNames(),
                Map.of(
                        "block_sparse_moe.router.layer", "ffn_gate_inp",
                        "block_sparse_moe.input_linear", "ffn_gate_up_exps",
                        "block_sparse_moe.output_linear", "ffn_down_exps",
                        "shared_mlp.input_linear", "ffn_gate_up_shexp",
                        "shared_mlp.output_linear", "ffn_down_shexp"));
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        if (!name.contains("gate_up")) {
            return super.arrange(name, tensor, config);
        }
        int rows = tensor.axes().size() - 2;
        return Map.of(
                name.replace("gate_up", "gate"), List.of(tensor.part(rows, 0, 2)),
                name.replace("gate_up", "up"), List.of(tensor.part(rows, 1, 2)));
    }
}
