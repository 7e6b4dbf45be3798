package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import java.util.Map;

/** A family with experts, each of whose matrices is a tensor of its own in a folder. */
abstract class ExpertsFamily extends Family {
    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        keys.count("expert_count", expertCount(config));
        keys.count("expert_used_count", config.integer("num_experts_per_tok"));
    }

    @Override
    int expertCount(Config config) {
        return config.findInteger("num_experts").orElseGet(() -> config.integer("num_local_experts"));
    }

    @Override
    Map<String, String> expertNames() {
        return Map.of("gate_proj", "ffn_gate_exps", "up_proj", "ffn_up_exps", "down_proj", "ffn_down_exps");
    }

    @Override
    Map<String, String> layerNames() {
        return with(super.layerNames(), Map.of("mlp.gate", "ffn_gate_inp"));
    }

    /** Refuses weights of experts that are divided by their sum where the family's are not, or the other way round. */
    static void requireNormalized(Config config, boolean normalized) {
        boolean found = config.json().findBoolean("norm_topk_prob").orElse(false);
        if (found != normalized) {
            throw new JsonException("'norm_topk_prob' is " + found + "; only " + normalized + " is supported");
        }
    }

    /** Refuses models some of whose layers have no experts. */
    static void requireExpertsEverywhere(Config config) {
        if (config.json().findLong("decoder_sparse_step").orElse(1L) != 1
                || config.json()
                        .findArray("mlp_only_layers")
                        .filter(array -> !array.elements().isEmpty())
                        .isPresent()) {
            throw new JsonException(
                    "'decoder_sparse_step' or 'mlp_only_layers' leaves layers without experts; only models"
                            + " with experts in every layer are supported");
        }
    }
}
