package dev.lathe.huggingface;

/** Ministral 3: Llama whose queries grow with the logarithm of their position. */
final class Ministral3Family extends Family {
    @Override
    String architecture() {
        return "mistral3";
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        config.rope("full_attention")
                .scaling()
                .findDouble("llama_4_scaling_beta")
                .ifPresent(scale -> keys.number("attention.temperature_scale", scale));
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
