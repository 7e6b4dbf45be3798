package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.Map;

/** OLMo 2 and 3: norms after each half of a layer; OLMo 3 with windows. */
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
        return with(without(super.layerNames(), "input_layernorm"), NORMS_BEHIND);
    }
}
