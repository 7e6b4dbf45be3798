package dev.lathe.huggingface;

/** Qwen 3 with experts in every layer. */
final class Qwen3MoeFamily extends ExpertsFamily {
    @Override
    String architecture() {
        return "qwen3moe";
    }

    @Override
    void describe(Config config, Keys keys) {
        requireNormalized(config, true);
        requireExpertsEverywhere(config);
        super.describe(config, keys);
        keys.count("expert_feed_forward_length", config.integer("moe_intermediate_size"));
    }

    @Override
    void describeWindow(Config config, Keys keys) {
        refuseWindow(config);
    }
}
