package dev.lathe.huggingface;

import java.util.Map;

/** StarCoder 2: layer norms, biases, windows. */
final class StarCoder2Family extends Family {
    @Override
    String architecture() {
        return "starcoder2";
    }

    @Override
    String activation() {
        return "gelu_pytorch_tanh";
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("norm_epsilon"));
    }

    @Override
    Map<String, String> layerNames() {
        return with(super.layerNames(), Map.of("mlp.c_fc", "ffn_up", "mlp.c_proj", "ffn_down"));
    }
}
