package dev.lathe.server;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.ConstraintException;
import dev.lathe.decode.constraint.SchemaCache;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.Optional;
import java.util.Set;

/** Reads what form an answer must have. Thread-safe. */
final class ResponseFormat {
    private static final String FIELD = "response_format";
    private static final int KEPT_SCHEMAS = 4;

    private final SchemaCache schemas = new SchemaCache(KEPT_SCHEMAS);

    /** The constraint that a request asks for; empty for any text. */
    Optional<Constraint> read(Optional<JsonValue> format) {
        if (format.isEmpty()) {
            return Optional.empty();
        }
        RequestFields fields = RequestFields.of(format.get(), FIELD + ".", Set.of("type", "json_schema"));
        String type = fields.text("type").orElse("absent");
        return switch (type) {
            case "text" -> Optional.empty();
            case "json_object" -> Optional.of(schemas.get(SchemaCache.ANY_OBJECT));
            case "json_schema" -> Optional.of(compile(schema(fields)));
            default ->
                throw ApiException.badRequest(
                        FIELD, "'" + FIELD + ".type' is " + type + ": expected text, json_object or json_schema");
        };
    }

    /** An answer follows its schema whether or not it is called strict; name and description say nothing about it. */
    private static JsonValue schema(RequestFields fields) {
        String place = FIELD + ".json_schema";
        JsonValue given = fields.find("json_schema")
                .orElseThrow(() -> ApiException.badRequest(place, "'" + place + "' is missing"));
        RequestFields named = RequestFields.of(given, place + ".", Set.of("name", "description", "strict", "schema"));
        named.text("name");
        named.text("description");
        named.bool("strict");
        JsonValue schema = named.find("schema")
                .orElseThrow(() -> ApiException.badRequest(place + ".schema", "'" + place + ".schema' is missing"));
        if (!(schema instanceof JsonObject)) {
            throw ApiException.badRequest(place + ".schema", "'" + place + ".schema': an object is expected");
        }
        return schema;
    }

    private Constraint compile(JsonValue schema) {
        try {
            return schemas.get(schema.toJson());
        } catch (ConstraintException wrong) {
            throw ApiException.badRequest(
                    FIELD + ".json_schema.schema", "unsupported_schema", "the schema: " + wrong.getMessage());
        }
    }
}
