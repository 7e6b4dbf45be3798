package dev.lathe.huggingface;

/** Granite 3: Llama with four factors. */
class GraniteFamily extends Family {
    @Override
    String architecture() {
        return "granite";
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        keys.number("attention.scale", config.json().doubleValue("attention_multiplier"));
        keys.number("embedding_scale", config.json().doubleValue("embedding_multiplier"));
        keys.number("residual_scale", config.json().doubleValue("residual_multiplier"));
        keys.number("logit_scale", config.json().doubleValue("logits_scaling"));
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
