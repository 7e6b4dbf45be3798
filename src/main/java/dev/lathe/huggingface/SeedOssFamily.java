package dev.lathe.huggingface;

import java.util.Map;

/** Seed-OSS: biases beside queries, keys and values. */
final class SeedOssFamily extends Family {
    @Override
    String architecture() {
        return "seed_oss";
    }

    @Override
    Map<String, String> layerNames() {
        return with(super.layerNames(), Map.of("post_attention_layernorm", "post_attention_norm"));
    }
}
