package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Repeat;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compiles JSON Schema 2020-12, a subset. What is accepted validates; not everything that validates is accepted: members
 * come in the schema's order, others than the listed ones only where {@code additionalProperties} asks for them. Each
 * schema is one rule, so references may be recursive.
 */
final class JsonSchemaCompiler {
    private static final Set<String> SAYS_NOTHING = Set.of(
            "$schema",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly");
    private static final Set<String> ALONE = Set.of("$ref", "const", "enum", "anyOf", "oneOf", "allOf");
    private static final Map<String, String> TYPE_OF_KEYWORD = typesOfKeywords();
    private static final List<String> ALL_TYPES = List.of("object", "array", "string", "number", "boolean", "null");

    private final RuleSet rules = new RuleSet();
    private final JsonExpressions json = new JsonExpressions(rules);
    private final Map<String, Integer> known = new HashMap<>(); // rules by pointer
    private final Deque<JsonSchema> open = new ArrayDeque<>();
    private final JsonSchema root;

    private JsonSchemaCompiler(JsonSchema root) {
        this.root = root;
    }

    static Grammar compile(String text) {
        JsonValue schema;
        try {
            schema = JsonValue.parse(text);
        } catch (JsonException e) {
            throw new ConstraintException("the schema is no valid JSON: " + e.getMessage(), e);
        }
        return new JsonSchemaCompiler(new JsonSchema(schema, "")).grammar();
    }

    private static Map<String, String> typesOfKeywords() {
        Map<String, String> types = new HashMap<>();
        List.of("properties", "required", "additionalProperties").forEach(keyword -> types.put(keyword, "object"));
        List.of("items", "prefixItems", "minItems", "maxItems").forEach(keyword -> types.put(keyword, "array"));
        List.of("minLength", "maxLength", "pattern", "format").forEach(keyword -> types.put(keyword, "string"));
        List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                .forEach(keyword -> types.put(keyword, "number"));
        return Map.copyOf(types);
    }

    private Grammar grammar() {
        Expression start = rule(root);
        while (!open.isEmpty()) {
            JsonSchema schema = open.pop();
            rules.define(known.get(schema.pointer()), body(schema));
        }
        return Grammar.of(rules, start);
    }

    private Expression rule(JsonSchema schema) {
        return new Expression.Reference(known.computeIfAbsent(schema.pointer(), pointer -> {
            open.push(schema);
            return rules.add("#" + pointer);
        }));
    }

    private Expression body(JsonSchema schema) {
        if (schema.value() == JsonLiteral.TRUE) {
            return json.value();
        }
        if (schema.value() == JsonLiteral.FALSE) {
            return Expression.NOTHING;
        }
        List<String> constraining = new ArrayList<>();
        for (String keyword : schema.object().members().keySet()) {
            boolean supported =
                    ALONE.contains(keyword) || keyword.equals("type") || TYPE_OF_KEYWORD.containsKey(keyword);
            if (keyword.equals("$id") && schema.pointer().isEmpty()) {
                continue;
            }
            if (!supported && !SAYS_NOTHING.contains(keyword)) {
                throw schema.failure(keyword, "this keyword is not supported");
            }
            if (supported) {
                constraining.add(keyword);
            }
        }
        for (String keyword : constraining) {
            if (ALONE.contains(keyword)) {
                return alone(schema, keyword, constraining);
            }
        }
        return typed(schema, constraining);
    }

    private Expression alone(JsonSchema schema, String keyword, List<String> constraining) {
        boolean listed = keyword.equals("const") || keyword.equals("enum");
        for (String other : constraining) {
            if (!other.equals(keyword) && !(listed && other.equals("type"))) {
                throw schema.failure(other, "beside \"" + keyword + "\", this keyword is not supported");
            }
        }
        return switch (keyword) {
            case "$ref" -> rule(schema.resolve(root));
            case "const" -> listed(schema, List.of(schema.get("const")));
            case "enum" -> listed(schema, schema.elements("enum"));
            case "anyOf" -> branches(schema, "anyOf");
            case "oneOf" -> {
                JsonDisjointness.check(schema, root);
                yield branches(schema, "oneOf");
            }
            default -> {
                if (schema.elements("allOf").size() != 1) {
                    throw schema.failure("allOf", "of several schemas, this keyword is not supported");
                }
                yield branches(schema, "allOf");
            }
        };
    }

    private Expression branches(JsonSchema schema, String keyword) {
        return new Expression.Choice(
                schema.subschemas(keyword).stream().map(this::rule).toList());
    }

    private Expression listed(JsonSchema schema, List<JsonValue> values) {
        Set<String> types = schema.types();
        List<String> texts = values.stream()
                .filter(value -> types.isEmpty() || types.stream().anyMatch(type -> JsonSchema.isOfType(value, type)))
                .map(JsonValue::toJson)
                .toList();
        return texts.isEmpty() ? Expression.NOTHING : Literals.choice(rules, texts);
    }

    private Expression typed(JsonSchema schema, List<String> constraining) {
        Set<String> types = new LinkedHashSet<>(schema.types());
        if (types.isEmpty()) {
            constraining.forEach(keyword -> types.add(TYPE_OF_KEYWORD.get(keyword)));
        }
        if (types.isEmpty()) {
            return json.value();
        }
        return new Expression.Choice(
                types.stream().map(type -> ofType(schema, type)).toList());
    }

    private Expression ofType(JsonSchema schema, String type) {
        return switch (type) {
            case "null" -> Expression.literal("null");
            case "boolean" -> Expression.choice(Expression.literal("true"), Expression.literal("false"));
            case "integer" -> JsonBounds.of(schema).integers();
            case "number" -> JsonBounds.of(schema).numbers();
            case "string" -> string(schema);
            case "array" -> array(schema);
            case "object" -> object(schema);
            default ->
                throw schema.failure(
                        "type", "\"" + type + "\" is no type: expected " + String.join(", ", ALL_TYPES) + ", integer");
        };
    }

    private Expression string(JsonSchema schema) {
        int least = schema.count("minLength", 0);
        int most = schema.count("maxLength", Repeat.UNBOUNDED);
        boolean matched = schema.has("pattern") || schema.has("format");
        if (matched && (schema.has("minLength") || schema.has("maxLength"))
                || schema.has("pattern") && schema.has("format")) {
            throw schema.failure(
                    schema.has("pattern") ? "pattern" : "format", "beside lengths or a format, this is not supported");
        }
        if (schema.has("pattern")) {
            try {
                return JsonExpressions.matching(schema.text("pattern"));
            } catch (ConstraintException e) {
                throw schema.failure("pattern", e.getMessage());
            }
        }
        if (schema.has("format")) {
            String pattern = JsonFormats.pattern(schema.text("format"));
            if (pattern == null) {
                throw schema.failure("format", "this format is not supported: expected " + JsonFormats.names());
            }
            return JsonExpressions.matching("^(?:" + pattern + ")$");
        }
        if (most != Repeat.UNBOUNDED && most < least) {
            return Expression.NOTHING;
        }
        return json.string(least, most);
    }

    private Expression array(JsonSchema schema) {
        int least = schema.count("minItems", 0);
        int most = schema.count("maxItems", Repeat.UNBOUNDED);
        if (most != Repeat.UNBOUNDED && most < least) {
            return Expression.NOTHING;
        }
        List<Expression> first = schema.has("prefixItems")
                ? schema.subschemas("prefixItems").stream().map(this::rule).toList()
                : List.of();
        Expression others = schema.has("items") ? rule(schema.subschema("items")) : json.value();
        return json.array(first, others, least, most);
    }

    private Expression object(JsonSchema schema) {
        List<String> required = schema.has("required")
                ? schema.elements("required").stream()
                        .map(name -> {
                            if (name instanceof JsonString text) {
                                return text.text();
                            }
                            throw schema.failure("required", "texts are expected, got " + name.kind());
                        })
                        .toList()
                : List.of();
        List<JsonExpressions.Member> members = new ArrayList<>();
        if (schema.has("properties")) {
            JsonSchema properties = schema.subschema("properties");
            for (String name : properties.object().members().keySet()) {
                members.add(
                        new JsonExpressions.Member(name, rule(properties.subschema(name)), required.contains(name)));
            }
        }
        boolean closed = schema.has("properties") && !schema.has("additionalProperties");
        Expression others = schema.has("additionalProperties")
                ? rule(schema.subschema("additionalProperties"))
                : closed ? Expression.NOTHING : json.value();
        for (String name : required) {
            if (members.stream().noneMatch(member -> member.name().equals(name))) {
                members.add(new JsonExpressions.Member(name, closed ? json.value() : others, true));
            }
        }
        return json.object(members, others);
    }
}
