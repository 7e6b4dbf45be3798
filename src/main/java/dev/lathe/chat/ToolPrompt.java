package dev.lathe.chat;

import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** What models are told of tools whose templates do not tell them. */
final class ToolPrompt {
    private ToolPrompt() {}

    /** The instructions, as docs/chat.md has them. */
    static String instructions(List<Tool> tools, boolean plainCalls) {
        StringBuilder text =
                new StringBuilder("You can call these tools, each given by the JSON schema of its arguments:\n");
        tools.forEach(tool -> text.append(JsonValue.of(tool.toMap()).toJson()).append('\n'));
        if (plainCalls) {
            text.append("""
                    To call tools, reply with nothing but JSON of this form:
                    {"tool_calls": [{"name": "NAME", "arguments": {ARGUMENTS}}]}
                    You will get their results. If no tool is needed, reply with text.""");
        } else {
            text.append("Call a tool where it helps. If no tool is needed, reply with text.");
        }
        return text.toString();
    }

    /** A conversation with instructions at its beginning. */
    static List<ChatMessage> instruct(List<ChatMessage> messages, String instructions, boolean takesSystem) {
        List<ChatMessage> all = new ArrayList<>(messages);
        boolean hasSystem = !all.isEmpty() && all.getFirst().role().equals("system");
        if (takesSystem && !hasSystem) {
            all.addFirst(ChatMessage.system(instructions));
            return all;
        }
        int place = 0;
        while (!hasSystem && place < all.size() - 1 && !all.get(place).role().equals("user")) {
            place++;
        }
        if (all.isEmpty()) {
            return all;
        }
        ChatMessage message = all.get(place);
        String content = message.content() == null ? "" : "\n\n" + message.content();
        all.set(place, new ChatMessage(message.role(), instructions + content, message.fields()));
        return all;
    }

    /** The result of a call, as the user says it. */
    static String result(String name, String content) {
        return "Result of " + name + ":\n" + content;
    }

    /** Calls, as the model writes them. */
    static String calls(List<ToolCall> calls) {
        CallFormat format = CallFormat.PLAIN;
        List<String> texts = calls.stream()
                .map(call -> format.prefix()
                        + call.name()
                        + format.middle()
                        + call.arguments().toJson()
                        + format.suffix())
                .toList();
        return format.start() + String.join(format.separator(), texts) + format.end();
    }
}
