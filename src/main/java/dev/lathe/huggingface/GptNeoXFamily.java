package dev.lathe.huggingface;

import java.util.Map;

/** GPT-NeoX and Pythia: the halves of a layer mostly side by side on two norms, a part of each head rotates. */
final class GptNeoXFamily extends FusedFamily {
    private static final double ROTARY_SHARE = 0.25;

    private static final Map<String, String> WHOLE = Map.of(
            "gpt_neox.embed_in", "token_embd", "gpt_neox.final_layer_norm", "output_norm", "embed_out", "output");

    private static final Map<String, String> LAYER = Map.of(
            "input_layernorm", "attn_norm",
            "attention.query_key_value", "attn_qkv",
            "attention.dense", "attn_output",
            "post_attention_layernorm", "ffn_norm",
            "mlp.dense_h_to_4h", "ffn_up",
            "mlp.dense_4h_to_h", "ffn_down");

    GptNeoXFamily() {
        super("gptneox", "gpt_neox.", "layers.", WHOLE, LAYER);
    }

    @Override
    boolean tiesEmbedding() {
        return false;
    }

    @Override
    Config usual(Config config) {
        return config.renamed(Map.of("rotary_pct", "partial_rotary_factor", "rotary_emb_base", "rope_theta"))
                .with("num_key_value_heads", config.headCount());
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        describeRotation(config, keys);
        keys.flag(
                "use_parallel_residual",
                config.json().findBoolean("use_parallel_residual").orElse(true));
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(ROTARY_SHARE);
    }
}
