package dev.lathe.huggingface;

import java.util.Map;

/** GLM 4.5, 4.6 and 4.5 Air: experts as in DeepSeek V3, half of each head rotates. */
final class Glm4MoeFamily extends RoutedFamily {
    @Override
    String architecture() {
        return "glm4moe";
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(0.5);
    }

    @Override
    Map<String, String> layerNames() {
        return with(super.layerNames(), Map.of("post_attention_layernorm", "post_attention_norm"));
    }
}
