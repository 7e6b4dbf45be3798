package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;

/** OLMoE: experts weighted by their plain softmax. */
final class OlmoeFamily extends ExpertsFamily {
    @Override
    String architecture() {
        return "olmoe";
    }

    @Override
    void describe(Config config, Keys keys) {
        requireNormalized(config, false);
        config.require("clip_qkv", JsonLiteral.NULL);
        super.describe(config, keys);
    }
}
