package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.Map;

/** BLOOM: distances instead of positions, normed embeddings. */
final class BloomFamily extends FusedFamily {
    private static final int CONTEXT = 2048;

    private static final Map<String, String> WHOLE = Map.of(
            "transformer.word_embeddings", "token_embd",
            "transformer.word_embeddings_layernorm", "token_embd_norm",
            "transformer.ln_f", "output_norm",
            "lm_head", "output");

    private static final Map<String, String> LAYER = Map.of(
            "input_layernorm", "attn_norm",
            "self_attention.query_key_value", "attn_qkv",
            "self_attention.dense", "attn_output",
            "post_attention_layernorm", "ffn_norm",
            "mlp.dense_h_to_4h", "ffn_up",
            "mlp.dense_4h_to_h", "ffn_down");

    BloomFamily() {
        super("bloom", "transformer.", "h.", WHOLE, LAYER);
    }

    @Override
    Config usual(Config named) {
        Config config = named.renamed(Map.of(
                "n_embed", "hidden_size",
                "n_head", "num_attention_heads",
                "n_layer", "num_hidden_layers",
                "seq_length", "max_position_embeddings"));
        return config.with("intermediate_size", 4L * config.integer("hidden_size"))
                .with("num_key_value_heads", config.headCount())
                .with(
                        "max_position_embeddings",
                        config.findInteger("max_position_embeddings").orElse(CONTEXT));
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("apply_residual_connection_post_layernorm", JsonLiteral.FALSE);
        super.describe(config, keys);
    }
}
