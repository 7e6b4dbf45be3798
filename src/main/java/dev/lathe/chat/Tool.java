package dev.lathe.chat;

import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A function that a model may ask for. Immutable.
 *
 * @param name 1 to 64 letters, digits and {@code _ - .}
 * @param description what it does, for the model
 * @param parameters the JSON schema of its arguments, of an object; docs/constraints.md lists the keywords
 */
public record Tool(String name, String description, JsonObject parameters) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    /** Checks the name, and that the schema is one of an object. */
    public Tool {
        Objects.requireNonNull(description, "description");
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a tool is named \"" + name + "\": expected 1 to 64 letters, digits and _ - .");
        }
        boolean isObject = parameters.members().get("type") instanceof JsonString type
                && type.text().equals("object");
        if (!isObject && !parameters.members().isEmpty()) {
            throw new IllegalArgumentException("the parameters of the tool \"" + name
                    + "\" are no schema of an object: expected {\"type\": \"object\", \"properties\": {...}}");
        }
        parameters = parameters.members().isEmpty()
                ? (JsonObject) JsonValue.parse("{\"type\": \"object\", \"properties\": {}}")
                : parameters;
    }

    /**
     * A tool.
     *
     * @param parameters the JSON schema of its arguments
     * @throws dev.lathe.text.json.JsonException if the schema is no JSON
     * @throws IllegalArgumentException if the name or the schema is not as {@link Tool} wants it
     */
    public static Tool of(String name, String description, String parameters) {
        if (JsonValue.parse(parameters) instanceof JsonObject schema) {
            return new Tool(name, description, schema);
        }
        throw new IllegalArgumentException(
                "the parameters of the tool \"" + name + "\" are no JSON object, but " + parameters);
    }

    /** As templates read it. */
    Map<String, Object> toMap() {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", name);
        function.put("description", description);
        function.put("parameters", parameters.toJava());
        Map<String, Object> tool = new LinkedHashMap<>();
        tool.put("type", "function");
        tool.put("function", function);
        return tool;
    }
}
