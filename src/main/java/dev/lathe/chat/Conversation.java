package dev.lathe.chat;

import dev.lathe.text.ChatMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Messages with calls, results and thinking, spelled as a template wants them. */
final class Conversation {
    private static final int SHORT_ID = 9;

    private final TemplateUse use;
    private final String thinkingField; // null if the template reads none

    Conversation(TemplateUse use, Optional<ThinkingFormat> thinking) {
        this.use = use;
        this.thinkingField = thinking.map(ThinkingFormat::field).orElse(null);
    }

    /** Whether any message has what templates do not agree about. */
    static boolean needsSpelling(List<ChatMessage> messages) {
        return messages.stream()
                .anyMatch(message -> message.fields().containsKey(ToolCall.FIELD)
                        || message.fields().containsKey(Reply.THINKING)
                        || message.role().equals("tool"));
    }

    List<ChatMessage> spell(List<ChatMessage> messages) {
        List<ChatMessage> spelled = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        boolean behindResult = false;
        for (ChatMessage message : messages) {
            List<ToolCall> calls = ToolCall.of(message);
            calls.forEach(call -> names.put(call.id(), call.name()));
            ChatMessage next = calls.isEmpty() ? message : calling(message, calls);
            boolean isResult = message.role().equals("tool");
            if (isResult) {
                next = result(message, names);
            }
            if (isResult && !use.takesCalls() && behindResult) {
                ChatMessage before = spelled.removeLast();
                next = ChatMessage.user(before.content() + "\n\n" + next.content());
            }
            spelled.add(withThinking(next));
            behindResult = isResult;
        }
        return spelled;
    }

    private ChatMessage calling(ChatMessage message, List<ToolCall> calls) {
        String said = message.content() == null ? "" : message.content();
        if (!use.takesCalls()) {
            String text = ToolPrompt.calls(calls);
            return with(message, said.isEmpty() ? text : said + "\n" + text, ToolCall.FIELD, null);
        }
        List<Map<String, Object>> spelled = calls.stream()
                .map(call -> new ToolCall(id(call.id()), call.name(), call.arguments()))
                .map(call -> call.toMap(
                        use.argumentsAsText()
                                ? call.arguments().toJson()
                                : call.arguments().toJava()))
                .toList();
        String content = use.emptyContent() == null || said.isEmpty() ? use.emptyContent() : said;
        return with(message, content, ToolCall.FIELD, spelled);
    }

    private ChatMessage result(ChatMessage message, Map<String, String> names) {
        Object id = message.fields().get(ToolCall.RESULT_ID);
        if (use.takesCalls()) {
            return id == null ? message : with(message, message.content(), ToolCall.RESULT_ID, id(id.toString()));
        }
        Object name = message.fields().getOrDefault("name", id == null ? null : names.get(id.toString()));
        return ChatMessage.user(ToolPrompt.result(name == null ? "the tool" : name.toString(), message.content()));
    }

    /** Thinking in the field that the template reads; it is left out where there is none. */
    private ChatMessage withThinking(ChatMessage message) {
        Object thinking = message.fields().get(Reply.THINKING);
        if (thinking == null || Reply.THINKING.equals(thinkingField)) {
            return message;
        }
        ChatMessage without = with(message, message.content(), Reply.THINKING, null);
        return thinkingField == null ? without : without.with(thinkingField, thinking);
    }

    /** An id that the template takes: its own, or nine letters and digits made of it. */
    private String id(String given) {
        return use.shortIds() && !given.matches("[A-Za-z0-9]{9}") ? Ids.of(given.hashCode(), SHORT_ID) : given;
    }

    private static ChatMessage with(ChatMessage message, String content, String field, Object value) {
        Map<String, Object> fields = new LinkedHashMap<>(message.fields());
        if (value == null) {
            fields.remove(field);
        } else {
            fields.put(field, value);
        }
        return new ChatMessage(message.role(), content, fields);
    }
}
