package dev.lathe.huggingface;

import java.util.HashMap;
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
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.put("mlp.c_fc", "ffn_up");
        names.put("mlp.c_proj", "ffn_down");
        return names;
    }
}
