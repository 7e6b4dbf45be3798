package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonString;
import java.util.Map;

/** BERT, and its rerankers: the pooled row goes through a dense layer and tanh to the score. */
class BertFamily extends EncoderFamily {
    private static final String ALIBI = "alibi";

    static final Map<String, String> WHOLE = Map.of(
            "embeddings.word_embeddings", "token_embd",
            "embeddings.position_embeddings", "position_embd",
            "embeddings.token_type_embeddings", "token_types",
            "embeddings.LayerNorm", "token_embd_norm",
            "pooler.dense", "cls",
            "classifier", "cls.output");

    static final Map<String, String> LAYER = Map.of(
            "attention.self.query", "attn_q",
            "attention.self.key", "attn_k",
            "attention.self.value", "attn_v",
            "attention.output.dense", "attn_output",
            "attention.output.LayerNorm", "attn_output_norm",
            "intermediate.dense", "ffn_up",
            "output.dense", "ffn_down",
            "output.LayerNorm", "layer_output_norm");

    BertFamily() {
        this("bert", "bert.", WHOLE, LAYER);
    }

    /** One that differs in names. */
    BertFamily(String architecture, String prefix, Map<String, String> wholeNames, Map<String, String> layerNames) {
        super(architecture, prefix, "encoder.layer.", wholeNames, layerNames);
    }

    @Override
    Family variant(Config config) {
        return config.json().findText("position_embedding_type").orElse("").equals(ALIBI) ? new JinaBertFamily() : this;
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("hidden_act", new JsonString("gelu"));
        String positions = wholeNames().containsKey("embeddings.position_embeddings") ? "absolute" : ALIBI;
        config.require("position_embedding_type", new JsonString(positions));
        config.require("is_decoder", JsonLiteral.FALSE);
        super.describe(config, keys);
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("layer_norm_eps"));
        describeTokenTypes(config, keys);
    }
}
