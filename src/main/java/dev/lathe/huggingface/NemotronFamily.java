package dev.lathe.huggingface;

import java.util.Map;

/** Nemotron 4 and Minitron: squared ReLU, layer norms that store their weights less one. */
final class NemotronFamily extends Family {
    @Override
    String architecture() {
        return "nemotron";
    }

    @Override
    String activation() {
        return "relu2";
    }

    @Override
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_epsilon", config.json().doubleValue("norm_eps"));
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(0.5);
    }

    @Override
    Map<String, String> layerNames() {
        return without(super.layerNames(), "mlp.gate_proj");
    }

    @Override
    float normOffset() {
        return 1;
    }
}
