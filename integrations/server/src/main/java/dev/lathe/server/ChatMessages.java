package dev.lathe.server;

import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the messages of a request. */
final class ChatMessages {
    /** Roles, and what templates call them. */
    private static final Map<String, String> ROLES =
            Map.of("system", "system", "developer", "system", "user", "user", "assistant", "assistant");

    private ChatMessages() {}

    static List<ChatMessage> read(Optional<JsonValue> messages) {
        JsonValue value = messages.orElseThrow(
                () -> ApiException.badRequest("messages", "'messages' is missing; an array is expected"));
        if (!(value instanceof JsonArray array) || array.elements().isEmpty()) {
            throw ApiException.badRequest("messages", "'messages': an array of messages is expected");
        }
        List<ChatMessage> read = new ArrayList<>();
        for (JsonValue message : array.elements()) {
            read.add(message(message, "messages[" + read.size() + "]."));
        }
        return read;
    }

    private static ChatMessage message(JsonValue value, String place) {
        RequestFields fields = RequestFields.of(value, place, Set.of("role", "content"));
        String given = fields.text("role")
                .orElseThrow(() -> ApiException.badRequest(place + "role", "'" + place + "role' is missing"));
        String role = ROLES.get(given);
        if (role == null) {
            throw ApiException.badRequest(
                    place + "role",
                    "'" + place + "role' is '" + given + "': expected system, developer, user or assistant");
        }
        return ChatMessage.of(role, content(fields.find("content"), place + "content"));
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
