package dev.lathe.server;

import dev.lathe.chat.Reply;
import dev.lathe.chat.ToolCall;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the messages of a request. */
final class ChatMessages {
    /** Roles, and what templates call them. */
    private static final Map<String, String> ROLES =
            Map.of("system", "system", "developer", "system", "user", "user", "assistant", "assistant", "tool", "tool");

    private ChatMessages() {}

    static List<ChatMessage> read(RequestFields request) {
        List<JsonValue> messages = request.array("messages").orElse(List.of());
        if (messages.isEmpty()) {
            throw ApiException.badRequest("messages", "'messages': an array of at least one message is expected");
        }
        List<ChatMessage> read = new ArrayList<>();
        Map<String, ToolCall> calls = new HashMap<>();
        for (JsonValue message : messages) {
            read.add(message(message, "messages[" + read.size() + "].", calls));
        }
        return read;
    }

    /**
     * Reads a message.
     *
     * @param calls those of the messages before it, by their ids
     */
    private static ChatMessage message(JsonValue value, String place, Map<String, ToolCall> calls) {
        String role = role(value, place);
        return switch (role) {
            case "tool" -> {
                RequestFields fields =
                        RequestFields.of(value, place, Set.of("role", "content", "tool_call_id", "name"));
                String id = fields.requiredText("tool_call_id");
                ToolCall call = calls.get(id);
                if (call == null) {
                    throw ApiException.badRequest(
                            place + "tool_call_id",
                            "'" + place + "tool_call_id' is '" + id + "': no message before has such a call");
                }
                yield call.result(content(fields.find("content"), place + "content"));
            }
            case "assistant" -> {
                RequestFields fields =
                        RequestFields.of(value, place, Set.of("role", "content", "tool_calls", "reasoning_content"));
                List<ToolCall> own = calls(fields.array("tool_calls").orElse(List.of()), place + "tool_calls");
                own.forEach(call -> calls.put(call.id(), call));
                Optional<JsonValue> content = fields.find("content");
                String text = content.isEmpty() && !own.isEmpty() ? "" : content(content, place + "content");
                yield new Reply(text, fields.text("reasoning_content").orElse(""), own).toMessage();
            }
            default -> {
                RequestFields fields = RequestFields.of(value, place, Set.of("role", "content"));
                yield ChatMessage.of(role, content(fields.find("content"), place + "content"));
            }
        };
    }

    private static String role(JsonValue value, String place) {
        String given = RequestFields.any(value, place).requiredText("role");
        String role = ROLES.get(given);
        if (role == null) {
            throw ApiException.badRequest(
                    place + "role",
                    "'" + place + "role' is '" + given + "': expected system, developer, user, assistant or tool");
        }
        return role;
    }

    private static List<ToolCall> calls(List<JsonValue> values, String place) {
        List<ToolCall> calls = new ArrayList<>();
        for (JsonValue value : values) {
            String here = place + "[" + calls.size() + "].";
            RequestFields call = RequestFields.of(value, here, Set.of("id", "type", "function"));
            String type = call.text("type").orElse("function");
            if (!type.equals("function")) {
                throw ApiException.badRequest(here + "type", "'" + here + "type' is " + type + ": expected function");
            }
            RequestFields function = call.object("function", Set.of("name", "arguments"));
            String id = call.requiredText("id");
            String arguments = function.requiredText("arguments");
            try {
                calls.add(ToolCall.of(id, function.requiredText("name"), arguments.isBlank() ? "{}" : arguments));
            } catch (JsonException | IllegalArgumentException wrong) {
                throw ApiException.badRequest(
                        here + "function.arguments", "'" + here + "function.arguments': " + wrong.getMessage());
            }
        }
        return calls;
    }

    private static String content(Optional<JsonValue> content, String place) {
        return switch (content.orElse(null)) {
            case JsonString string -> string.text();
            case JsonArray parts -> {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < parts.elements().size(); i++) {
                    text.append(part(parts.elements().get(i), place + "[" + i + "]."));
                }
                yield text.toString();
            }
            case null -> throw ApiException.badRequest(place, "'" + place + "' is missing; a text is expected");
            default -> throw ApiException.badRequest(place, "'" + place + "': a text or an array of parts is expected");
        };
    }

    private static String part(JsonValue part, String place) {
        RequestFields fields = RequestFields.of(part, place, Set.of("type", "text"));
        String type = fields.text("type").orElse("absent");
        if (!type.equals("text")) {
            throw ApiException.badRequest(
                    place + "type", "'" + place + "type' is " + type + ": text is all that this model reads");
        }
        return fields.text("text")
                .orElseThrow(() -> ApiException.badRequest(place + "text", "'" + place + "text' is missing"));
    }
}
