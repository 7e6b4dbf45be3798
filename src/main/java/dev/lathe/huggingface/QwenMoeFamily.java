package dev.lathe.huggingface;

/** Qwen 3, and with a shared expert Qwen 2, with experts in every layer. */
class QwenMoeFamily extends ExpertsFamily {
    private final String architecture;
    private final boolean normalized;

    /**
     * A family by its name.
     *
     * @param normalized whether the weights of a token's experts are divided by their sum
     */
    QwenMoeFamily(String architecture, boolean normalized) {
        this.architecture = architecture;
        this.normalized = normalized;
    }

    @Override
    final String architecture() {
        return architecture;
    }

    @Override
    void describe(Config config, Keys keys) {
        requireNormalized(config, normalized);
        requireExpertsEverywhere(config);
        super.describe(config, keys);
        keys.count("expert_feed_forward_length", config.integer("moe_intermediate_size"));
    }

    @Override
    final void describeWindow(Config config, Keys keys) {
        refuseWindow(config);
    }
}
