package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonString;
import java.util.Map;

/** BERT, and its rerankers: the pooled row goes through a dense layer and tanh to the score. */
class BertFamily extends EncoderFamily {
    static final Map<String, String> WHOLE = Map.of(
            "embeddings.word_embeddings", "token_embd",
            "embeddings.position_embeddings", "position_embd",
            "embeddings.token_type_embeddings", "token_types",
            "embeddings.LayerNorm", "token_embd_norm",
            "pooler.dense", "cls",
            "classifier", "cls.output");

    private static final Map<String, String> LAYER = Map.of(
            "attention.self.query", "attn_q",
            "attention.self.key", "attn_k",
            "attention.self.value", "attn_v",
            "attention.output.dense", "attn_output",
            "attention.output.LayerNorm", "attn_output_norm",
            "intermediate.dense", "ffn_up",
            "output.dense", "ffn_down",
            "output.LayerNorm", "layer_output_norm");

    BertFamily() {
        this("bert.", WHOLE);
    }

    /** One that differs in what stands before its tensors and in the names outside of layers. */
    BertFamily(String prefix, Map<String, String> wholeNames) {
        super("bert", prefix, "encoder.layer.", wholeNames, LAYER);
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("hidden_act", new JsonString("gelu"));
        config.require("position_embedding_type", new JsonString("absolute"));
        config.require("is_decoder", JsonLiteral.FALSE);
        super.describe(config, keys);
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
        describeTokenTypes(config, keys);
    }
}
