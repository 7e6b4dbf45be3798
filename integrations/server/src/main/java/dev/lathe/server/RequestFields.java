package dev.lathe.server;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** An object in a request. A member that is null counts as absent; one that nobody reads is refused by its name. */
final class RequestFields {
    private final JsonObject object;
    private final String place;

    private RequestFields(JsonObject object, String place) {
        this.object = object;
        this.place = place;
    }

    /**
     * The members of an object.
     *
     * @param place what precedes their names in messages, such as {@code messages[2].}
     */
    static RequestFields of(JsonValue value, String place, Set<String> supported) {
        if (!(value instanceof JsonObject object)) {
            throw ApiException.badRequest(place.isEmpty() ? null : place, "an object is expected, got " + value.kind());
        }
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            if (!supported.contains(member.getKey()) && member.getValue() != JsonLiteral.NULL) {
                String name = place + member.getKey();
                throw ApiException.badRequest(name, "unsupported_parameter", "'" + name + "' is not supported");
            }
        }
        return new RequestFields(object, place);
    }

    /** The same, where who reads it next says what is supported. */
    static RequestFields any(JsonValue value, String place) {
        return value instanceof JsonObject object ? new RequestFields(object, place) : of(value, place, Set.of());
    }

    Optional<JsonValue> find(String name) {
        return object.find(name);
    }

    /** A text that must be there. */
    String requiredText(String name) {
        return text(name)
                .orElseThrow(() ->
                        ApiException.badRequest(place + name, "'" + place + name + "' is missing; a text is expected"));
    }

    /** An object that must be there. */
    RequestFields object(String name, Set<String> supported) {
        JsonValue value = find(name)
                .orElseThrow(() -> ApiException.badRequest(
                        place + name, "'" + place + name + "' is missing; an object is expected"));
        return of(value, place + name + ".", supported);
    }

    /** The elements of an array. */
    Optional<List<JsonValue>> array(String name) {
        return read(name, () -> object.findArray(name)).map(JsonArray::elements);
    }

    Optional<String> text(String name) {
        return read(name, () -> object.findText(name));
    }

    Optional<Boolean> bool(String name) {
        return read(name, () -> object.findBoolean(name));
    }

    Optional<Long> integer(String name) {
        return read(name, () -> object.findLong(name));
    }

    /** An integer within bounds. */
    Optional<Integer> integer(String name, int least, int most) {
        return integer(name).map(value -> {
            if (value < least || value > most) {
                throw ApiException.badRequest(
                        place + name, "'" + place + name + "' is " + value + ": expected " + least + " to " + most);
            }
            return Math.toIntExact(value);
        });
    }

    /** A number within bounds. */
    Optional<Float> number(String name, double least, double most) {
        return read(name, () -> object.findDouble(name)).map(value -> {
            if (!(value >= least && value <= most)) {
                throw ApiException.badRequest(
                        place + name, "'" + place + name + "' is " + value + ": expected " + least + " to " + most);
            }
            return value.floatValue();
        });
    }

    private <T> T read(String name, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (JsonException wrong) {
            throw ApiException.badRequest(place + name, wrong.getMessage());
        }
    }
}
