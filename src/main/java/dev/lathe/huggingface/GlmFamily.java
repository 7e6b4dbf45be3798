package dev.lathe.huggingface;

import java.util.Map;

/** The first GLM 4 9B and GLM Edge: gate and up in one matrix, biases. Folders rotate neighbours. */
final class GlmFamily extends Family {
    @Override
    String architecture() {
        return "chatglm";
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(0.5);
    }

    @Override
    Map<String, String> layerNames() {
        return with(without(super.layerNames(), "mlp.gate_proj", "mlp.up_proj"), Map.of("mlp.gate_up_proj", "ffn_up"));
    }
}
