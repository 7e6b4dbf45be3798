package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonString;
import java.util.Map;

/** Nomic Embed 1 and 1.5, whose configuration has names of its own, or in newer folders those of others. */
final class NomicBertFamily extends EncoderFamily {
    private static final Map<String, String> WHOLE = Map.of(
            "embeddings.word_embeddings", "token_embd",
            "embeddings.token_type_embeddings", "token_types",
            "emb_ln", "token_embd_norm");

    private static final Map<String, String> LAYER = Map.of(
            "attn.Wqkv", "attn_qkv",
            "attn.out_proj", "attn_output",
            "norm1", "attn_output_norm",
            "mlp.fc11", "ffn_up",
            "mlp.fc12", "ffn_gate",
            "mlp.fc2", "ffn_down",
            "norm2", "layer_output_norm");

    NomicBertFamily() {
        super("nomic-bert", "bert.", "encoder.layers.", WHOLE, LAYER);
    }

    @Override
    void describeSizes(Config config, Keys keys) {
        if (isNewer(config)) {
            super.describeSizes(config, keys);
            return;
        }
        keys.count("vocab_size", config.integer("vocab_size"));
        keys.count("context_length", config.integer("n_positions"));
        keys.count("embedding_length", config.integer("n_embd"));
        keys.count("block_count", config.integer("n_layer"));
        keys.count("feed_forward_length", config.integer("n_inner"));
        keys.count("attention.head_count", config.integer("n_head"));
    }

    /** Whether the names are those of other families: Transformers 5 has the model itself, before it was code beside it. */
    private static boolean isNewer(Config config) {
        return config.json().find("hidden_size").isPresent();
    }

    @Override
    void describe(Config config, Keys keys) {
        if (isNewer(config)) {
            config.require("hidden_act", new JsonString("silu"));
            super.describe(config, keys);
            keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
            config.rope("full_attention").describe(config, keys);
            describeTokenTypes(config, keys);
            return;
        }
        config.require("activation_function", new JsonString("swiglu"));
        for (String absent : new String[] {
            "prenorm", "parallel_block", "use_rms_norm", "rotary_emb_interleaved", "causal", "add_cross_attention"
        }) {
            config.require(absent, JsonLiteral.FALSE);
        }
        for (String absent : new String[] {"rotary_scaling_factor", "rotary_emb_scale_base"}) {
            config.require(absent, JsonLiteral.NULL);
        }
        config.json()
                .findDouble("rotary_emb_fraction")
                .filter(share -> share != 1)
                .ifPresent(share -> {
                    throw new JsonException("'rotary_emb_fraction' is " + share + "; only 1 is supported");
                });
        config.require("num_experts", new JsonNumber("0"));
        super.describe(config, keys);
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_epsilon"));
        keys.number(
                "rope.freq_base", config.json().findDouble("rotary_emb_base").orElse(10_000.0));
        describeTokenTypes(config, keys);
    }
}
