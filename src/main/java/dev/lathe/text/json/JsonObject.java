package dev.lathe.text.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A JSON object.
 *
 * <p>What reads a member by its kind throws a {@link JsonException} that names the member and what was found. A member
 * that is {@code null} counts as absent, as configuration files mean it; {@link #members} tells the two apart.
 *
 * @param members values by name, in the order of the text; copied, cannot be changed
 */
public record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    /** An object. */
    public JsonObject {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** A member that is neither absent nor null. */
    public Optional<JsonValue> find(String name) {
        return Optional.ofNullable(members.get(name)).filter(value -> value != JsonLiteral.NULL);
    }

    /** A text that may be absent. */
    public Optional<String> findText(String name) {
        return find(name)
                .map(value -> cast(name, value, JsonString.class, "a text").text());
    }

    /** An integer that may be absent. */
    public Optional<Long> findLong(String name) {
        return find(name).map(value -> named(name, cast(name, value, JsonNumber.class, "an integer")::longValue));
    }

    /** A number that may be absent. */
    public Optional<Double> findDouble(String name) {
        return find(name).map(value -> named(name, cast(name, value, JsonNumber.class, "a number")::doubleValue));
    }

    /** A boolean that may be absent. */
    public Optional<Boolean> findBoolean(String name) {
        return find(name).map(value -> cast(name, value, JsonLiteral.class, "a boolean") == JsonLiteral.TRUE);
    }

    /** An object that may be absent. */
    public Optional<JsonObject> findObject(String name) {
        return find(name).map(value -> cast(name, value, JsonObject.class, "an object"));
    }

    /** An array that may be absent. */
    public Optional<JsonArray> findArray(String name) {
        return find(name).map(value -> cast(name, value, JsonArray.class, "an array"));
    }

    /** A text that must be there. */
    public String text(String name) {
        return findText(name).orElseThrow(() -> absent(name, "a text"));
    }

    /** An integer that must be there. */
    public long longValue(String name) {
        return findLong(name).orElseThrow(() -> absent(name, "an integer"));
    }

    /** A number that must be there. */
    public double doubleValue(String name) {
        return findDouble(name).orElseThrow(() -> absent(name, "a number"));
    }

    /** An object that must be there. */
    public JsonObject object(String name) {
        return findObject(name).orElseThrow(() -> absent(name, "an object"));
    }

    /** An array that must be there. */
    public JsonArray array(String name) {
        return findArray(name).orElseThrow(() -> absent(name, "an array"));
    }

    @Override
    public String kind() {
        return "an object";
    }

    @Override
    public String toString() {
        return toJson();
    }

    private static <T> T cast(String name, JsonValue value, Class<T> type, String expected) {
        if (!type.isInstance(value)) {
            throw new JsonException("'" + name + "': " + expected + " is expected, got " + value.kind());
        }
        return type.cast(value);
    }

    private static <T> T named(String name, Supplier<T> value) {
        try {
            return value.get();
        } catch (JsonException e) {
            throw new JsonException("'" + name + "': " + e.getMessage(), e);
        }
    }

    private static JsonException absent(String name, String expected) {
        return new JsonException("'" + name + "' is missing; " + expected + " is expected");
    }
}
