package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonValue;
import java.util.List;

/** SmolLM 3: as Llama; each fourth layer does not rotate. */
final class SmolLm3Family extends Family {
    private static final int PERIOD = 4;

    @Override
    String architecture() {
        return "smollm3";
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    void describe(Config config, Keys keys) {
        if (config.findInteger("no_rope_layer_interval").orElse(PERIOD) != PERIOD) {
            throw new JsonException("'no_rope_layer_interval' is not " + PERIOD + ", which is the one supported");
        }
        config.json().findArray("no_rope_layers").ifPresent(layers -> requireUsual(layers.elements()));
        super.describe(config, keys);
    }

    /** Layers that rotate have a 1. */
    private static void requireUsual(List<JsonValue> rotating) {
        for (int layer = 0; layer < rotating.size(); layer++) {
            boolean rotates = (layer + 1) % PERIOD != 0;
            if (!(rotating.get(layer) instanceof JsonNumber number) || number.longValue() != (rotates ? 1 : 0)) {
                throw new JsonException("'no_rope_layers' is " + rotating.get(layer) + " at layer " + layer
                        + "; supported is that each fourth layer alone does not rotate");
            }
        }
    }

    @Override
    void describeWindow(Config config, Keys keys) {
        refuseWindow(config);
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
