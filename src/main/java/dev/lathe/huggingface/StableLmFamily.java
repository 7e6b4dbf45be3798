package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;

/** StableLM: layer norms, one half of a layer after the other or both side by side. */
final class StableLmFamily extends Family {
    @Override
    String architecture() {
        return "stablelm";
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("qk_layernorm", JsonLiteral.FALSE);
        super.describe(config, keys);
        keys.flag(
                "use_parallel_residual",
                config.json().findBoolean("use_parallel_residual").orElse(false));
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(0.25);
    }
}
