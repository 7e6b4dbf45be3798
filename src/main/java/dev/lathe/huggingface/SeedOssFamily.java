package dev.lathe.huggingface;

import java.util.HashMap;
import java.util.Map;

/** Seed-OSS: biases beside queries, keys and values. */
final class SeedOssFamily extends Family {
    @Override
    String architecture() {
        return "seed_oss";
    }

    @Override
    Map<String, String> layerNames() {
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.put("post_attention_layernorm", "post_attention_norm");
        return names;
    }
}
