package dev.lathe.chat;

import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A call of a tool by a model. Immutable.
 *
 * @param id tells this call from others of the conversation
 * @param name of the tool
 * @param arguments by its schema
 */
public record ToolCall(String id, String name, JsonObject arguments) {
    static final String FIELD = "tool_calls";
    static final String RESULT_ID = "tool_call_id";

    /** Checks that nothing is null. */
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }

    /**
     * A call whose arguments are given as JSON.
     *
     * @throws dev.lathe.text.json.JsonException if they are no JSON
     * @throws IllegalArgumentException if they are no JSON object
     */
    public static ToolCall of(String id, String name, String arguments) {
        return new ToolCall(id, name, object(name, arguments));
    }

    /** The message that tells the model what the tool answered. */
    public ChatMessage result(String content) {
        return ChatMessage.of("tool", Objects.requireNonNull(content, "content"))
                .with(RESULT_ID, id)
                .with("name", name);
    }

    Map<String, Object> toMap(Object spelledArguments) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", name);
        function.put("arguments", spelledArguments);
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("id", id);
        call.put("type", "function");
        call.put("function", function);
        return call;
    }

    /** The calls of a message; none if it has no field of them. */
    static List<ToolCall> of(ChatMessage message) {
        Object field = message.fields().get(FIELD);
        if (field == null) {
            return List.of();
        }
        List<ToolCall> calls = new ArrayList<>();
        if (field instanceof Iterable<?> entries) {
            entries.forEach(entry -> calls.add(of(entry, calls.size())));
            return calls;
        }
        throw new IllegalArgumentException("tool_calls is no list: expected {id, function: {name, arguments}} each");
    }

    private static ToolCall of(Object entry, int index) {
        if (entry instanceof Map<?, ?> call) {
            Map<?, ?> function = call.get("function") instanceof Map<?, ?> inner ? inner : call;
            Object arguments = function.get("arguments") == null ? Map.of() : function.get("arguments");
            if (function.get("name") instanceof CharSequence name) {
                JsonObject object = arguments instanceof CharSequence text
                        ? object(name.toString(), text.toString())
                        : JsonValue.of(arguments) instanceof JsonObject json ? json : null;
                if (object != null) {
                    Object id = call.get("id");
                    return new ToolCall(id == null ? "call_" + index : id.toString(), name.toString(), object);
                }
            }
        }
        throw new IllegalArgumentException("tool_calls[" + index
                + "] is no call: expected {id, function: {name, arguments}}, and an object of arguments");
    }

    private static JsonObject object(String name, String arguments) {
        if (JsonValue.parse(arguments) instanceof JsonObject object) {
            return object;
        }
        throw new IllegalArgumentException("the arguments of a call of \"" + name + "\" are no JSON object");
    }
}
