package dev.lathe.server;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
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

    Optional<JsonValue> find(String name) {
        return object.find(name);
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
