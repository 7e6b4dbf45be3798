package dev.lathe.text.json;

import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Java values as JSON, and back. */
final class JsonConversion {
    private JsonConversion() {}

    static JsonValue toJson(Object value) {
        return switch (value) {
            case null -> JsonLiteral.NULL;
            case JsonValue json -> json;
            case Optional<?> optional -> toJson(optional.orElse(null));
            case Boolean bool -> JsonLiteral.of(bool);
            case Double number when !Double.isFinite(number) -> JsonLiteral.NULL;
            case Float number when !Float.isFinite(number) -> JsonLiteral.NULL;
            case Number number -> new JsonNumber(number.toString());
            case CharSequence text -> new JsonString(text.toString());
            case Character character -> new JsonString(character.toString());
            case Enum<?> constant -> new JsonString(constant.toString());
            case TemporalAmount duration -> new JsonString(duration.toString());
            // Before the iterables: a path is one, of its names.
            case Path path -> new JsonString(path.toString());
            case Map<?, ?> map -> object(map);
            case Iterable<?> values -> array(values);
            case Record components -> object(components(components));
            case Object array when array.getClass().isArray() -> array(elements(array));
            default -> throw new IllegalArgumentException("no JSON for a value of " + value.getClass());
        };
    }

    private static JsonObject object(Map<?, ?> map) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        map.forEach((name, value) -> members.put(new JsonString(name.toString()).text(), toJson(value)));
        return new JsonObject(members);
    }

    private static JsonArray array(Iterable<?> values) {
        List<JsonValue> elements = new ArrayList<>();
        values.forEach(value -> elements.add(toJson(value)));
        return new JsonArray(elements);
    }

    private static List<Object> elements(Object array) {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < Array.getLength(array); i++) {
            elements.add(Array.get(array, i));
        }
        return elements;
    }

    private static Map<String, Object> components(Record value) {
        Map<String, Object> components = new LinkedHashMap<>();
        try {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                components.put(component.getName(), component.getAccessor().invoke(value));
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "cannot read " + value.getClass() + "; its package must be open to the module dev.lathe", e);
        }
        return components;
    }

    static Object toJava(JsonValue value) {
        return switch (value) {
            case JsonLiteral literal -> literal == JsonLiteral.NULL ? null : literal == JsonLiteral.TRUE;
            case JsonString string -> string.text();
            case JsonNumber number -> number(number);
            case JsonArray array -> {
                List<Object> list = new ArrayList<>();
                array.elements().forEach(element -> list.add(toJava(element)));
                yield list;
            }
            case JsonObject object -> {
                Map<String, Object> map = new LinkedHashMap<>();
                object.members().forEach((name, member) -> map.put(name, toJava(member)));
                yield map;
            }
        };
    }

    private static Object number(JsonNumber number) {
        if (!number.isInteger()) {
            return number.doubleValue();
        }
        try {
            return number.longValue();
        } catch (JsonException beyond) {
            return number.doubleValue();
        }
    }
}
