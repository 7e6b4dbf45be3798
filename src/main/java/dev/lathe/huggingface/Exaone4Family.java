package dev.lathe.huggingface;

import java.util.HashMap;
import java.util.Map;

/** EXAONE 4: norms behind each half of a layer, windows; the layers without one do not rotate. */
final class Exaone4Family extends Family {
    @Override
    String architecture() {
        return "exaone4";
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
