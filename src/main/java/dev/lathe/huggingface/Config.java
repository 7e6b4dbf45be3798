package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code config.json} says, by the names that families share.
 *
 * @param isTextPart whether the folder has more than the language model
 */
record Config(JsonObject json, boolean isTextPart) {
    private static final int MAX_LAYERS = 4096;
    private static final int MAX_HEAD_SIZE = 1 << 16;

    Config(JsonObject json) {
        this(json, false);
    }

    String modelType() {
        return json.text("model_type");
    }

    int layerCount() {
        int count = integer("num_hidden_layers");
        if (count < 1 || count > MAX_LAYERS) {
            throw new JsonException("'num_hidden_layers' is " + count + ", expected 1 to " + MAX_LAYERS);
        }
        return count;
    }

    int headCount() {
        return integer("num_attention_heads");
    }

    int keyValueHeadCount() {
        return findInteger("num_key_value_heads").orElseGet(this::headCount);
    }

    /** Values of a head; a share of the hidden size where the file does not say. */
    int headSize() {
        int size = findInteger("head_dim").orElseGet(() -> integer("hidden_size") / headCount());
        if (size > MAX_HEAD_SIZE) {
            throw new JsonException("'head_dim' is " + size + ", expected at most " + MAX_HEAD_SIZE);
        }
        return size;
    }

    boolean tiesEmbedding(boolean fallback) {
        return json.findBoolean("tie_word_embeddings").orElse(fallback);
    }

    /** Whether the model ends in a head that scores texts. */
    boolean scoresTexts() {
        return json.findArray("architectures").stream()
                .flatMap(array -> array.elements().stream())
                .anyMatch(name -> name instanceof JsonString text && text.text().endsWith("ForSequenceClassification"));
    }

    /** A count of at least 1. */
    int integer(String name) {
        return positive(name, json.longValue(name));
    }

    Optional<Integer> findInteger(String name) {
        return json.findLong(name).map(value -> positive(name, value));
    }

    private static int positive(String name, long value) {
        int count = toInt(name, value);
        if (count < 1) {
            throw new JsonException("'" + name + "' is " + value + ", expected at least 1");
        }
        return count;
    }

    static int toInt(String name, long value) {
        if (value != (int) value) {
            throw new JsonException("'" + name + "' is " + value + ", which is beyond 32 bits");
        }
        return (int) value;
    }

    /** What the layers are, one word each; empty where the file does not say. */
    List<String> layerTypes() {
        List<String> types = new ArrayList<>();
        json.findArray("layer_types").ifPresent(array -> {
            for (JsonValue element : array.elements()) {
                if (!(element instanceof JsonString type)) {
                    throw new JsonException("'layer_types': a list of texts is expected, got " + element.kind());
                }
                types.add(type.text());
            }
            if (types.size() != layerCount()) {
                throw new JsonException(
                        "'layer_types' has " + types.size() + " entries for " + layerCount() + " layers");
            }
        });
        return types;
    }

    /** How positions are rotated on layers of a type: newer files say it by type, older ones for all. */
    Rope rope(String layerType) {
        Optional<JsonObject> parameters = json.findObject("rope_parameters");
        Optional<JsonObject> ofType = parameters.flatMap(all -> all.findObject(layerType));
        JsonObject scaling = ofType.or(() -> parameters)
                .or(() -> json.findObject("rope_scaling"))
                .orElse(new JsonObject(Map.of()));
        double base = scaling.findDouble("rope_theta")
                .or(() -> json.findDouble("rope_theta"))
                .orElse(10_000.0);
        return new Rope(base, scaling);
    }

    /**
     * How many of a head's values are rotated.
     *
     * @param share which part of them where the file does not say
     */
    int rotaryDimensions(double share) {
        double given = json.findDouble("partial_rotary_factor")
                .or(() -> rope("full_attention").scaling().findDouble("partial_rotary_factor"))
                .orElse(share);
        double dimensions = given * headSize();
        if (!(dimensions >= 2 && dimensions <= headSize())) {
            throw new JsonException("'partial_rotary_factor' is " + given + ", expected a share of a head");
        }
        return (int) dimensions;
    }

    /** Refuses what would change the results and is not the one value that Lathe computes with. */
    void require(String name, JsonValue only) {
        json.find(name).filter(found -> !found.equals(only)).ifPresent(found -> {
            throw new JsonException("'" + name + "' is " + found + "; only " + only + " is supported");
        });
    }

    /** The same with what is there by another name, where it is there. */
    Config renamed(Map<String, String> usualNames) {
        Map<String, JsonValue> members = new LinkedHashMap<>(json.members());
        usualNames.forEach((own, usual) -> json.find(own)
                .filter(value -> value != JsonLiteral.NULL)
                .ifPresent(value -> members.put(usual, value)));
        return new Config(new JsonObject(members), isTextPart);
    }

    /** The same with what it does not say. */
    Config orElse(Map<String, String> numbers) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        numbers.forEach((name, number) -> members.put(name, new JsonNumber(number)));
        members.putAll(json.members());
        return new Config(new JsonObject(members), isTextPart);
    }

    /** The same with a number in the place of what it says. */
    Config with(String name, long value) {
        Map<String, JsonValue> members = new LinkedHashMap<>(json.members());
        members.put(name, new JsonNumber(Long.toString(value)));
        return new Config(new JsonObject(members), isTextPart);
    }

    /** Refuses a number that would change the results and is not the one that Lathe computes with. */
    void requireNumber(String name, double only) {
        json.findDouble(name).filter(found -> found != only).ifPresent(found -> {
            throw new JsonException("'" + name + "' is " + found + "; only " + only + " is supported");
        });
    }
}
