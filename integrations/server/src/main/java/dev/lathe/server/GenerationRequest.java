package dev.lathe.server;

import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a request asks for beside its prompt.
 *
 * @param options of the first choice
 * @param seed of the first choice; each further one has the next
 * @param choices answers wanted
 * @param stream whether tokens are sent as they come
 * @param tellsUsage whether a stream ends with the numbers of tokens
 */
record GenerationRequest(GenerationOptions options, long seed, int choices, boolean stream, boolean tellsUsage) {
    /** Members of every kind of generation; {@code user} names the client's user and changes nothing. */
    static final Set<String> FIELDS = Set.of(
            "model",
            "user",
            "stream",
            "stream_options",
            "max_tokens",
            "stop",
            "seed",
            "n",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "typical_p",
            "repeat_penalty",
            "frequency_penalty",
            "presence_penalty",
            "logit_bias");

    private static final int MOST_STOPS = 4;

    /**
     * Reads what all kinds of generation have.
     *
     * @param logProbabilities alternatives to tell with each token, or {@link GenerationOptions#NO_LOG_PROBABILITIES}
     * @param maxTokens the most tokens, where the kind has names of its own for it
     * @param constraint the form that answers must have
     */
    static GenerationRequest read(
            RequestFields fields,
            int vocabularySize,
            ServerLimits limits,
            Optional<Integer> maxTokens,
            int logProbabilities,
            Optional<Constraint> constraint) {
        fields.text("user");
        long seed = fields.integer("seed")
                .orElseGet(() -> ThreadLocalRandom.current().nextLong());
        boolean stream = fields.bool("stream").orElse(false);
        boolean tellsUsage = false;
        Optional<JsonValue> streamOptions = fields.find("stream_options");
        if (streamOptions.isPresent()) {
            if (!stream) {
                throw ApiException.badRequest("stream_options", "'stream_options' needs 'stream': true");
            }
            tellsUsage = RequestFields.of(streamOptions.get(), "stream_options.", Set.of("include_usage"))
                    .bool("include_usage")
                    .orElse(false);
        }
        Sampler sampler = sampler(fields, vocabularySize).seed(seed);
        GenerationOptions options = GenerationOptions.DEFAULT
                .sampler(sampler)
                .maxTokens(Math.min(maxTokens.orElse(Integer.MAX_VALUE), limits.maxTokens()))
                .stopStrings(stops(fields.find("stop")));
        options = logProbabilities < 0 ? options : options.logProbabilities(logProbabilities);
        return new GenerationRequest(
                constraint.map(options::constraint).orElse(options),
                seed,
                fields.integer("n", 1, limits.choices()).orElse(1),
                stream,
                tellsUsage);
    }

    /** The options of one of the choices. */
    GenerationOptions options(int choice) {
        return options.sampler(options.sampler().seed(seed + choice));
    }

    private static Sampler sampler(RequestFields fields, int vocabularySize) {
        Sampler sampler = Sampler.temperature(fields.number("temperature", 0, 2).orElse(1f));
        sampler = fields.number("top_p", Float.MIN_VALUE, 1).map(sampler::topP).orElse(sampler);
        sampler =
                fields.integer("top_k", 1, Integer.MAX_VALUE).map(sampler::topK).orElse(sampler);
        sampler = fields.number("min_p", 0, 1).map(sampler::minP).orElse(sampler);
        sampler = fields.number("typical_p", Float.MIN_VALUE, 1)
                .map(sampler::typical)
                .orElse(sampler);
        sampler = fields.number("repeat_penalty", 0.01, 100)
                .map(sampler::repetitionPenalty)
                .orElse(sampler);
        sampler = fields.number("frequency_penalty", -2, 2)
                .map(sampler::frequencyPenalty)
                .orElse(sampler);
        sampler = fields.number("presence_penalty", -2, 2)
                .map(sampler::presencePenalty)
                .orElse(sampler);
        Optional<JsonValue> biases = fields.find("logit_bias");
        if (biases.isPresent()) {
            if (!(biases.get() instanceof JsonObject object)) {
                throw ApiException.badRequest("logit_bias", "'logit_bias': an object is expected");
            }
            for (Map.Entry<String, JsonValue> bias : object.members().entrySet()) {
                sampler = sampler.logitBias(token(bias.getKey(), vocabularySize), bias(bias.getValue()));
            }
        }
        return sampler;
    }

    private static int token(String name, int vocabularySize) {
        if (name.matches("[0-9]{1,9}") && Integer.parseInt(name) < vocabularySize) {
            return Integer.parseInt(name);
        }
        throw ApiException.badRequest(
                "logit_bias", "'logit_bias' names '" + name + "': expected a token below " + vocabularySize);
    }

    private static float bias(JsonValue value) {
        if (value instanceof JsonNumber number) {
            try {
                double bias = number.doubleValue();
                if (Math.abs(bias) <= 100) {
                    return (float) bias;
                }
            } catch (JsonException beyond) {
                throw ApiException.badRequest("logit_bias", "'logit_bias': " + beyond.getMessage());
            }
        }
        throw ApiException.badRequest("logit_bias", "'logit_bias': numbers from -100 to 100 are expected");
    }

    private static List<String> stops(Optional<JsonValue> stop) {
        List<String> stops = new ArrayList<>();
        switch (stop.orElse(null)) {
            case null -> {}
            case JsonString string -> stops.add(string.text());
            case JsonArray array -> {
                for (JsonValue element : array.elements()) {
                    if (!(element instanceof JsonString string)) {
                        throw ApiException.badRequest("stop", "'stop': texts are expected, got " + element.kind());
                    }
                    stops.add(string.text());
                }
            }
            default -> throw ApiException.badRequest("stop", "'stop': a text or an array of texts is expected");
        }
        if (stops.size() > MOST_STOPS || stops.contains("")) {
            throw ApiException.badRequest("stop", "'stop': at most " + MOST_STOPS + " texts are expected, none empty");
        }
        return stops;
    }
}
