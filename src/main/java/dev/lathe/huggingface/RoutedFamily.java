package dev.lathe.huggingface;

import dev.lathe.text.json.JsonNumber;
import java.util.Map;
import java.util.Optional;

/**
 * A family with experts as in DeepSeek V2 and V3: dense layers first, shared experts, experts in groups, mostly scored by sigmoids
 * with a bias for choosing. Layers after the last one predict several tokens at once; GGUF files do without.
 */
abstract class RoutedFamily extends ExpertsFamily {
    private static final int SOFTMAX = 1;
    private static final int SIGMOID = 2;

    @Override
    void describe(Config config, Keys keys) {
        config.require("moe_layer_freq", new JsonNumber("1"));
        super.describe(config, keys);
        describeRouting(config, keys);
    }

    /** Puts how experts are chosen. */
    final void describeRouting(Config config, Keys keys) {
        keys.count(
                "leading_dense_block_count",
                config.json().findLong("first_k_dense_replace").orElse(0L));
        keys.count("expert_feed_forward_length", config.integer("moe_intermediate_size"));
        keys.count(
                "expert_shared_count",
                config.json().findLong("n_shared_experts").orElse(0L));
        keys.number(
                "expert_weights_scale",
                config.json().findDouble("routed_scaling_factor").orElse(1.0));
        keys.flag("expert_weights_norm", normalizes(config));
        keys.count("expert_gating_func", hasSigmoids() ? SIGMOID : SOFTMAX);
        if (hasGroups(config)) {
            keys.count("expert_group_count", config.integer("n_group"));
            keys.count("expert_group_used_count", config.integer("topk_group"));
        }
    }

    /** Whether the weights of those chosen are divided by their sum. */
    boolean normalizes(Config config) {
        return config.json().findBoolean("norm_topk_prob").orElse(true);
    }

    /** Whether experts are scored by sigmoids, not by softmax. */
    boolean hasSigmoids() {
        return true;
    }

    /** Whether the best groups of experts are looked at alone. */
    boolean hasGroups(Config config) {
        return config.findInteger("n_group").orElse(1) > 1;
    }

    @Override
    int expertCount(Config config) {
        return config.integer("n_routed_experts");
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                super.layerNames(),
                Map.of(
                        "mlp.gate.e_score_correction", "exp_probs_b",
                        "mlp.shared_experts.gate_proj", "ffn_gate_shexp",
                        "mlp.shared_experts.up_proj", "ffn_up_shexp",
                        "mlp.shared_experts.down_proj", "ffn_down_shexp"));
    }

    @Override
    String spelled(String name) {
        return name.replaceFirst("_correction_bias$", "_correction.bias");
    }

    @Override
    Optional<String> rename(String name, Config config) {
        return isBehindLast(name, config) ? Optional.empty() : super.rename(name, config);
    }

    @Override
    Optional<ExpertMatrix> expert(String name, Config config) {
        return isBehindLast(name, config) ? Optional.empty() : super.expert(name, config);
    }

    private boolean isBehindLast(String name, Config config) {
        String stem = stem(name);
        String number = stem.startsWith(layersPrefix())
                ? stem.substring(layersPrefix().length()).replaceFirst("\\..*", "")
                : "";
        return number.matches("[1-9][0-9]{0,4}") && Integer.parseInt(number) >= config.layerCount();
    }
}
