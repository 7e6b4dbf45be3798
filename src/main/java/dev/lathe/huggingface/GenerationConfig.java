package dev.lathe.huggingface;

import dev.lathe.gguf.Metadata;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code generation_config.json} as the keys of a GGUF file; llama.cpp's converter writes the same ones. */
final class GenerationConfig {
    private static final String PREFIX = "general.sampling.";

    private GenerationConfig() {}

    /**
     * Puts what the makers advise.
     *
     * @param vocabularySize tokens that there are
     */
    static void describe(JsonObject json, int vocabularySize, Metadata.Builder metadata) {
        boolean samples = json.findBoolean("do_sample").orElse(true);
        if (!samples) {
            metadata.float32(PREFIX + "temp", 0);
        }
        number(json, samples ? "temperature" : "none", "temp", metadata);
        json.findLong("top_k")
                .filter(value -> value > 0) // others mean that there is no limit
                .ifPresent(value -> metadata.uint32(PREFIX + "top_k", Config.toInt("top_k", value)));
        number(json, "top_p", "top_p", metadata);
        number(json, "min_p", "min_p", metadata);
        number(json, "repetition_penalty", "penalty_repeat", metadata);
        List<Integer> ends = tokens(json.find("eos_token_id"));
        for (int token : ends) {
            if (token < 0 || token >= vocabularySize) {
                throw new JsonException("'eos_token_id' has " + token + ", the vocabulary has " + vocabularySize);
            }
        }
        if (!ends.isEmpty()) {
            metadata.ints(
                    "lathe.end_token_ids",
                    ends.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    private static void number(JsonObject json, String name, String key, Metadata.Builder metadata) {
        json.findDouble(name).ifPresent(value -> {
            if (!(value >= 0) || value > Float.MAX_VALUE) {
                throw new JsonException("'" + name + "' is " + value + ", expected a number not below 0");
            }
            metadata.float32(PREFIX + key, value.floatValue());
        });
    }

    /** One token or a list of them. */
    static List<Integer> tokens(Optional<JsonValue> value) {
        List<JsonValue> all = value.map(v -> v instanceof JsonArray array ? array.elements() : List.of(v))
                .orElse(List.of());
        List<Integer> tokens = new ArrayList<>();
        for (JsonValue token : all) {
            if (!(token instanceof JsonNumber number)) {
                throw new JsonException("'eos_token_id': a token or a list of tokens is expected");
            }
            tokens.add(Config.toInt("eos_token_id", number.longValue()));
        }
        return tokens;
    }
}
