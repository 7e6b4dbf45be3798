package dev.lathe.text;

import dev.lathe.text.template.MarkedText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One message of a conversation, as chat templates see it. Immutable.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant}, {@code tool} or what the template knows
 * @param content the text; null where the message has none, such as a mere call of a tool
 * @param fields what else the template may read, such as {@code tool_calls}: null, strings, booleans, numbers, and
 *     lists and maps of them; the values are not copied before the message is rendered
 */
public record ChatMessage(String role, String content, Map<String, Object> fields) {
    private static final Set<String> ROLES =
            Set.of("system", "user", "assistant", "tool", "developer", "function", "ipython", "model", "observation");

    /** Checks that the fields do not name role or content again. */
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        if (fields.containsKey("role") || fields.containsKey("content")) {
            throw new IllegalArgumentException(
                    "fields of a chat message name 'role' or 'content': these two are given apart from the fields");
        }
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** A message of a role, with nothing but text. */
    public static ChatMessage of(String role, String content) {
        return new ChatMessage(role, content, Map.of());
    }

    /** What sets the model's task and manner. */
    public static ChatMessage system(String content) {
        return of("system", content);
    }

    /** What the user says. */
    public static ChatMessage user(String content) {
        return of("user", content);
    }

    /** What the model said. */
    public static ChatMessage assistant(String content) {
        return of("assistant", content);
    }

    /** This message with one more field. */
    public ChatMessage with(String field, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(fields);
        more.put(field, value);
        return new ChatMessage(role, content, more);
    }

    /**
     * All of it as one map: role, content, then the fields. The name of a usual role counts as the template's own text:
     * some templates build a mark such as {@code <|user|>} from it.
     */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("role", ROLES.contains(role) ? MarkedText.ofTemplate(role) : role);
        map.put("content", content);
        map.putAll(fields);
        return map;
    }
}
