package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.HashMap;
import java.util.Map;

/** OLMo 2 and 3: norms behind each half of a layer; OLMo 3 with windows. */
final class Olmo2Family extends Family {
    @Override
    String architecture() {
        return "olmo2";
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("clip_qkv", JsonLiteral.NULL);
        super.describe(config, keys);
    }

    @Override
    Map<String, String> layerNames() {
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.remove("input_layernorm");
        names.put("post_attention_layernorm", "post_attention_norm");
        names.put("post_feedforward_layernorm", "post_ffw_norm");
        return names;
    }
}
