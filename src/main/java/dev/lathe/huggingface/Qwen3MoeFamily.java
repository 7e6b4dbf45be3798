package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;

/** Qwen 3 with experts in every layer. */
final class Qwen3MoeFamily extends ExpertsFamily {
    @Override
    String architecture() {
        return "qwen3moe";
    }

    @Override
    void describe(Config config, Keys keys) {
        requireNormalized(config, true);
        if (config.json().findLong("decoder_sparse_step").orElse(1L) != 1
                || config.json()
                        .findArray("mlp_only_layers")
                        .filter(array -> !array.elements().isEmpty())
                        .isPresent()) {
            throw new JsonException(
                    "'decoder_sparse_step' or 'mlp_only_layers' leaves layers without experts; only models"
                            + " with experts in every layer are supported");
        }
        super.describe(config, keys);
        keys.count("expert_feed_forward_length", config.integer("moe_intermediate_size"));
    }

    @Override
    void describeWindow(Config config, Keys keys) {
        refuseWindow(config);
    }
}
