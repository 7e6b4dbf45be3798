package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** ERNIE 4.5 with experts, chosen by a bias. Folders rotate neighbours; what predicts several tokens at once is left out. */
final class Ernie45MoeFamily extends ExpertsFamily {
    @Override
    String architecture() {
        return "ernie4_5-moe";
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    Config usual(Config config) {
        return config.renamed(Map.of("num_experts", "moe_num_experts", "num_experts_per_tok", "moe_k"))
                .renamed(Map.of("moe_k", "num_experts_per_tok"));
    }

    @Override
    int expertCount(Config config) {
        return config.integer("moe_num_experts");
    }

    @Override
    void describe(Config config, Keys keys) {
        int last = config.findInteger("moe_layer_end_index").orElse(config.layerCount() - 1);
        if (last < config.layerCount() - 1) {
            throw new JsonException(
                    "'moe_layer_end_index' is " + last + "; only experts up to the last layer are supported");
        }
        super.describe(config, keys);
        int size = config.integer("moe_intermediate_size");
        keys.count("expert_feed_forward_length", size);
        keys.count(
                "leading_dense_block_count",
                config.json().findLong("moe_layer_start_index").orElse(0L));
        keys.count(
                "interleave_moe_layer_step",
                config.findInteger("moe_layer_interval").orElse(1));
        long shared = config.json().findLong("moe_num_shared_experts").orElse(0L);
        keys.count("expert_shared_count", shared);
        keys.count("expert_shared_feed_forward_length", shared * size);
    }

    @Override
    Map<String, String> layerNames() {
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.put("mlp.moe_statics.e_score_correction", "exp_probs_b");
        names.put("mlp.shared_experts.gate_proj", "ffn_gate_shexp");
        names.put("mlp.shared_experts.up_proj", "ffn_up_shexp");
        names.put("mlp.shared_experts.down_proj", "ffn_down_shexp");
        return names;
    }

    @Override
    String spelled(String name) {
        return name.replaceFirst(
                "(gate\\.)?moe_statics\\.e_score_correction_bias$", "moe_statics.e_score_correction.bias");
    }

    @Override
    Optional<String> rename(String name, Config config) {
        return name.startsWith("model.mtp_") ? Optional.empty() : super.rename(name, config);
    }

    /** The bias is a row in a folder. */
    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        return name.contains(".exp_probs_b.") && tensor.axes().size() == 2
                ? Map.of(name, List.of(tensor.join(0)))
                : super.arrange(name, tensor, config);
    }
}
