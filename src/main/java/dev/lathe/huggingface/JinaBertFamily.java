package dev.lathe.huggingface;

import dev.lathe.text.json.JsonString;
import java.util.HashMap;
import java.util.Map;

/** Jina Embeddings 2: BERT with distances instead of positions, gate and up in one matrix. */
final class JinaBertFamily extends BertFamily {
    JinaBertFamily() {
        super("jina-bert-v2", "bert.", without(WHOLE, "embeddings.position_embeddings"), layer());
    }

    private static Map<String, String> layer() {
        Map<String, String> names = new HashMap<>(LAYER);
        names.keySet().removeIf(name -> name.startsWith("intermediate") || name.startsWith("output"));
        names.put("mlp.gated_layers", "ffn_up");
        names.put("mlp.wo", "ffn_down");
        names.put("mlp.layernorm", "layer_output_norm");
        return names;
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("feed_forward_type", new JsonString("geglu"));
        super.describe(config, keys);
    }
}
