package dev.lathe.decode.constraint;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A schema, or another value within one, and where it is.
 *
 * @param pointer its JSON pointer (RFC 6901)
 */
record JsonSchema(JsonValue value, String pointer) {
    private static final int MOST_COUNT = 100_000;
    private static final int MOST_SCALE = 400; // that of a double

    JsonObject object() {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw failure("an object is expected, got " + value.kind());
    }

    boolean has(String keyword) {
        return object().members().containsKey(keyword);
    }

    JsonValue get(String keyword) {
        return object().members().get(keyword);
    }

    JsonSchema subschema(String keyword) {
        JsonSchema sub = new JsonSchema(get(keyword), pointer + "/" + escape(keyword));
        if (!(sub.value instanceof JsonObject || sub.value == JsonLiteral.TRUE || sub.value == JsonLiteral.FALSE)) {
            throw sub.failure("a schema is expected, got " + sub.value.kind());
        }
        return sub;
    }

    List<JsonValue> elements(String keyword) {
        if (get(keyword) instanceof JsonArray array) {
            return array.elements();
        }
        throw failure(keyword, "an array is expected, got " + get(keyword).kind());
    }

    List<JsonSchema> subschemas(String keyword) {
        List<JsonSchema> schemas = new ArrayList<>();
        for (JsonValue element : elements(keyword)) {
            JsonSchema schema = new JsonSchema(element, pointer + "/" + keyword + "/" + schemas.size());
            if (!(element instanceof JsonObject || element == JsonLiteral.TRUE || element == JsonLiteral.FALSE)) {
                throw schema.failure("a schema is expected, got " + element.kind());
            }
            schemas.add(schema);
        }
        return schemas;
    }

    String text(String keyword) {
        if (get(keyword) instanceof JsonString string) {
            return string.text();
        }
        throw failure(keyword, "a text is expected, got " + get(keyword).kind());
    }

    /** A count, or another number where the keyword is absent. */
    int count(String keyword, int absent) {
        if (!has(keyword)) {
            return absent;
        }
        BigDecimal number = number(keyword);
        if (number.signum() < 0
                || number.compareTo(BigDecimal.valueOf(MOST_COUNT)) > 0
                || number.stripTrailingZeros().scale() > 0) {
            throw failure(keyword, "expected an integer from 0 to " + MOST_COUNT + ", got " + get(keyword));
        }
        return number.intValueExact();
    }

    BigDecimal number(String keyword) {
        if (get(keyword) instanceof JsonNumber number) {
            BigDecimal decimal = new BigDecimal(number.text());
            if (Math.abs(decimal.scale()) > MOST_SCALE) {
                throw failure(keyword, "the number " + number.text() + " is out of range");
            }
            return decimal;
        }
        throw failure(keyword, "a number is expected, got " + get(keyword).kind());
    }

    /** What {@code type} names; empty if it is absent. */
    Set<String> types() {
        Set<String> types = new LinkedHashSet<>();
        if (has("type")) {
            for (JsonValue type : get("type") instanceof JsonArray array ? array.elements() : List.of(get("type"))) {
                if (!(type instanceof JsonString name)) {
                    throw failure("type", "a text or texts are expected, got " + type.kind());
                }
                types.add(name.text());
            }
            if (types.isEmpty()) {
                throw failure("type", "at least one type is expected");
            }
        }
        return types;
    }

    static boolean isOfType(JsonValue value, String type) {
        return switch (value) {
            case JsonObject object -> type.equals("object");
            case JsonArray array -> type.equals("array");
            case JsonString string -> type.equals("string");
            case JsonNumber number -> type.equals("number") || type.equals("integer") && number.isInteger();
            case JsonLiteral literal -> type.equals(literal == JsonLiteral.NULL ? "null" : "boolean");
        };
    }

    /** The schema that {@code $ref} names, references of references followed. */
    JsonSchema resolve(JsonSchema root) {
        JsonSchema at = this;
        Set<String> visited = new HashSet<>();
        while (at.value instanceof JsonObject && at.has("$ref")) {
            if (!visited.add(at.pointer)) {
                throw failure("$ref", "the reference refers to itself");
            }
            at = at.target(root);
        }
        return at;
    }

    private JsonSchema target(JsonSchema root) {
        String reference = text("$ref");
        if (!reference.equals("#") && !reference.startsWith("#/") || reference.contains("%")) {
            throw failure(
                    "$ref",
                    "the reference \"" + reference + "\" is not supported: expected # or #/..., within the"
                            + " schema and without %");
        }
        JsonValue at = root.value;
        for (String token :
                reference.length() < 2 ? new String[0] : reference.substring(2).split("/", -1)) {
            String name = token.replace("~1", "/").replace("~0", "~");
            at = at instanceof JsonObject object
                    ? object.members().get(name)
                    : at instanceof JsonArray array
                                    && name.matches("\\d{1,6}")
                                    && Integer.parseInt(name) < array.elements().size()
                            ? array.elements().get(Integer.parseInt(name))
                            : null;
            if (at == null) {
                throw failure("$ref", "there is nothing at \"" + reference + "\"");
            }
        }
        JsonSchema target = new JsonSchema(at, reference.substring(1));
        if (!(at instanceof JsonObject || at == JsonLiteral.TRUE || at == JsonLiteral.FALSE)) {
            throw failure("$ref", "there is no schema at \"" + reference + "\", but " + at.kind());
        }
        return target;
    }

    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    ConstraintException failure(String keyword, String problem) {
        return new ConstraintException("the schema, at \"" + pointer + "/" + escape(keyword) + "\": " + problem);
    }

    ConstraintException failure(String problem) {
        return new ConstraintException("the schema, at \"" + pointer + "\": " + problem);
    }
}
