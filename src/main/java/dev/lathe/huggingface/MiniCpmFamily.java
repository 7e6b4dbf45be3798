package dev.lathe.huggingface;

/** MiniCPM 1 and 2: Llama with three factors. */
final class MiniCpmFamily extends Family {
    @Override
    String architecture() {
        return "minicpm";
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        double depth = config.json().doubleValue("scale_depth");
        keys.number("embedding_scale", config.json().doubleValue("scale_emb"));
        keys.number("residual_scale", depth / Math.sqrt(config.layerCount()));
        keys.number("logit_scale", (double) config.integer("hidden_size") / config.integer("dim_model_base"));
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
