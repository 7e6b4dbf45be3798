package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import java.util.Map;

/** Falcon: the halves of a layer side by side, on one norm with one head of keys (7B), on two with several (40B, 180B). */
final class FalconFamily extends FusedFamily {
    private static final int CONTEXT = 2048;

    private static final Map<String, String> WHOLE =
            Map.of("transformer.word_embeddings", "token_embd", "transformer.ln_f", "output_norm", "lm_head", "output");

    private static final Map<String, String> LAYER = Map.of(
            "input_layernorm", "attn_norm",
            "ln_attn", "attn_norm_2",
            "ln_mlp", "attn_norm",
            "self_attention.query_key_value", "attn_qkv",
            "self_attention.dense", "attn_output",
            "mlp.dense_h_to_4h", "ffn_up",
            "mlp.dense_4h_to_h", "ffn_down");

    FalconFamily() {
        super("falcon", "transformer.", "h.", WHOLE, LAYER);
    }

    @Override
    Config usual(Config named) {
        Config config = named.renamed(Map.of(
                "n_head", "num_attention_heads",
                "n_layer", "num_hidden_layers",
                "n_head_kv", "num_kv_heads",
                "activation", "hidden_act"));
        boolean grouped = config.json().findBoolean("new_decoder_architecture").orElse(false);
        int keyValueHeads = grouped ? config.integer("num_kv_heads") : 1;
        return config.with("num_key_value_heads", keyValueHeads)
                .with(
                        "intermediate_size",
                        config.findInteger("ffn_hidden_size")
                                .map(Integer::longValue)
                                .orElse(4L * config.integer("hidden_size")))
                .with(
                        "max_position_embeddings",
                        config.findInteger("max_position_embeddings").orElse(CONTEXT));
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("alibi", JsonLiteral.FALSE);
        config.require("parallel_attn", JsonLiteral.TRUE);
        boolean grouped = config.keyValueHeadCount() > 1;
        if (!grouped) {
            config.require("multi_query", JsonLiteral.TRUE);
        }
        if (config.findInteger("num_ln_in_parallel_attn").orElse(grouped ? 2 : 1) != (grouped ? 2 : 1)) {
            throw new JsonException("'num_ln_in_parallel_attn' is " + config.integer("num_ln_in_parallel_attn")
                    + "; supported are one norm with one head of keys and two norms with several");
        }
        super.describe(config, keys);
        describeRotation(config, keys);
    }
}
