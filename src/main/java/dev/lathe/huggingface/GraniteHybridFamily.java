package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Granite 4 where every layer has attention and none has experts: Granite 3 with gate and up in one tensor. */
final class GraniteHybridFamily extends GraniteFamily {
    private static final Set<String> ATTENTION = Set.of("attention", "full_attention");

    @Override
    Config usual(Config config) {
        return config.with("intermediate_size", config.integer("shared_intermediate_size"));
    }

    @Override
    void describe(Config config, Keys keys) {
        if (!ATTENTION.containsAll(config.layerTypes()) || config.layerTypes().isEmpty()) {
            throw new JsonException("'layer_types' is " + config.layerTypes()
                    + "; only models with attention in every layer" + " are supported");
        }
        if (config.json().findLong("num_local_experts").orElse(0L) != 0) {
            throw new JsonException("'num_local_experts' is not 0; only models without experts are supported");
        }
        config.require("position_embedding_type", new JsonString("rope"));
        super.describe(config, keys);
    }

    @Override
    void describeWindow(Config config, Keys keys) {
        refuseWindow(config);
    }

    @Override
    Map<String, String> layerNames() {
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.put("shared_mlp.input_linear", "ffn_gate_up");
        names.put("shared_mlp.output_linear", "ffn_down");
        return names;
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        return name.contains("gate_up")
                ? Map.of(
                        name.replace("gate_up", "gate"), List.of(tensor.part(0, 0, 2)),
                        name.replace("gate_up", "up"), List.of(tensor.part(0, 1, 2)))
                : super.arrange(name, tensor, config);
    }
}
