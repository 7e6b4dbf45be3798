package dev.lathe.huggingface;

import dev.lathe.safetensors.StoredTensor;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Apertus: normed heads and xIELU, whose numbers are tensors in a folder and keys of a GGUF file. */
final class ApertusFamily extends Family {
    private static final List<String> NUMBERS = List.of("alpha_p", "alpha_n", "beta", "eps");

    @Override
    String architecture() {
        return "apertus";
    }

    @Override
    String activation() {
        return "xielu";
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("qk_norm", JsonLiteral.TRUE);
        config.require("post_norm", JsonLiteral.FALSE);
        super.describe(config, keys);
    }

    @Override
    void describeWeights(Config config, FolderWeights files, Keys keys) throws IOException {
        for (String name : NUMBERS) {
            float[] values = new float[config.layerCount()];
            for (int layer = 0; layer < values.length; layer++) {
                String tensor = "model.layers." + layer + ".mlp.act_fn." + name;
                StoredTensor stored =
                        files.tensor(tensor).orElseThrow(() -> new JsonException("tensor " + tensor + " is missing"));
                values[layer] = FolderTensor.number(files, stored);
            }
            keys.wholeKey("xielu." + name, values);
        }
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                without(super.layerNames(), "mlp.gate_proj", "input_layernorm", "post_attention_layernorm"),
                Map.of("attention_layernorm", "attn_norm", "feedforward_layernorm", "ffn_norm"));
    }

    @Override
    Optional<String> rename(String name, Config config) {
        return name.contains(".mlp.act_fn.") ? Optional.empty() : super.rename(name, config);
    }
}
