package dev.lathe.huggingface;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What {@code generation_config.json} advises. Offered to programs; the library applies none of it by itself.
 *
 * @param samples whether to sample rather than to take the likeliest token
 * @param temperature divisor of the logits
 * @param topK tokens to sample from
 * @param topP share of the distribution to sample from
 * @param minP least share of the likeliest token's probability
 * @param repetitionPenalty divisor of the logits of tokens that occurred
 * @param endTokens tokens that end a text
 */
public record GenerationDefaults(
        Optional<Boolean> samples,
        OptionalDouble temperature,
        OptionalInt topK,
        OptionalDouble topP,
        OptionalDouble minP,
        OptionalDouble repetitionPenalty,
        List<Integer> endTokens) {
    /** No advice. */
    public static final GenerationDefaults NONE = new GenerationDefaults(
            Optional.empty(),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            List.of());

    /** Copies the list. */
    public GenerationDefaults {
        endTokens = List.copyOf(endTokens);
    }

    static GenerationDefaults of(JsonObject json) {
        return new GenerationDefaults(
                json.findBoolean("do_sample"),
                number(json, "temperature"),
                json.findLong("top_k")
                        .map(value -> OptionalInt.of(Config.toInt("top_k", value)))
                        .orElse(OptionalInt.empty()),
                number(json, "top_p"),
                number(json, "min_p"),
                number(json, "repetition_penalty"),
                tokens(json.find("eos_token_id")));
    }

    private static OptionalDouble number(JsonObject json, String name) {
        return json.findDouble(name).map(OptionalDouble::of).orElse(OptionalDouble.empty());
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
