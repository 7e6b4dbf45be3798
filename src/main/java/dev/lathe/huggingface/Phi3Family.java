package dev.lathe.huggingface;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import java.util.Map;

/** Phi 3 and 4: fused matrices, and factors of the frequencies for short and for long contexts (LongRoPE). */
final class Phi3Family extends Family {
    @Override
    String architecture() {
        return "phi3";
    }

    @Override
    void describe(Config config, Keys keys) {
        super.describe(config, keys);
        long context = config.integer("max_position_embeddings");
        long original = config.findInteger("original_max_position_embeddings").orElse((int) context);
        keys.count("rope.scaling.original_context_length", original);
        if (isLong(config)) {
            double stretch = (double) context / original;
            double growth = stretch > 1 ? Math.sqrt(1 + StrictMath.log(stretch) / StrictMath.log(original)) : 1;
            keys.number(
                    "rope.scaling.attn_factor",
                    scaling(config).findDouble("attention_factor").orElse(growth));
        }
    }

    private static JsonObject scaling(Config config) {
        return config.rope("full_attention").scaling();
    }

    private static boolean isLong(Config config) {
        return config.rope("full_attention").isLong();
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.rotaryDimensions(1);
    }

    @Override
    Map<String, float[]> vectors(Config config) {
        return isLong(config)
                ? Map.of(
                        "rope_factors_long.weight", factors(config, "long_factor"),
                        "rope_factors_short.weight", factors(config, "short_factor"))
                : Map.of();
    }

    private float[] factors(Config config, String name) {
        JsonArray array = scaling(config)
                .findArray(name)
                .orElseThrow(() -> new JsonException("'" + name + "' of the longrope scaling is missing"));
        float[] factors = new float[array.elements().size()];
        if (factors.length != rotaryDimensions(config) / 2) {
            throw new JsonException("'" + name + "' has " + factors.length + " factors for "
                    + rotaryDimensions(config) / 2 + " pairs of values that rotate");
        }
        for (int i = 0; i < factors.length; i++) {
            factors[i] = array.elements().get(i) instanceof JsonNumber number ? (float) number.doubleValue() : 0;
            if (!(factors[i] > 0) || Float.isInfinite(factors[i])) {
                throw new JsonException(
                        "'" + name + "' has " + array.elements().get(i) + ", expected a positive number");
            }
        }
        return factors;
    }

    @Override
    Map<String, String> layerNames() {
        return with(super.layerNames(), Map.of("self_attn.qkv_proj", "attn_qkv", "mlp.gate_up_proj", "ffn_up"));
    }
}
