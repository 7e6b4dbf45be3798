package dev.lathe.chat;

import dev.lathe.chat.TemplateUse.Definitions;
import dev.lathe.text.ChatInput;
import dev.lathe.text.json.JsonValue;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a template is given beside messages.
 *
 * @param tools those that it is told of; empty for none
 * @param definitions how it is told of them
 * @param others all other variables
 */
record ChatVariables(List<Tool> tools, Definitions definitions, Map<String, Object> others) {
    private static final String TIME = "datetime";
    static final ChatVariables NONE = new ChatVariables(List.of(), Definitions.PROMPT, Map.of());

    ChatVariables with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(others);
        more.put(name, value);
        return new ChatVariables(tools, definitions, more);
    }

    ChatInput applyTo(ChatInput input) {
        ChatInput given = input;
        for (Map.Entry<String, Object> other : others.entrySet()) {
            given = given.withVariable(other.getKey(), other.getValue());
        }
        if (tools.isEmpty()) {
            return given;
        }
        List<Map<String, Object>> maps = tools.stream().map(Tool::toMap).toList();
        return switch (definitions) {
            case TOOLS -> given.withTools(maps);
            case FUNCTIONS -> {
                ChatInput functions =
                        given.withVariable("functions", JsonValue.of(maps).toJson(4));
                yield others.containsKey(TIME) ? functions : functions.withVariable(TIME, now(input.clock()));
            }
            case PROMPT -> given;
        };
    }

    private static String now(Clock clock) {
        return ZonedDateTime.now(clock).format(DateTimeFormatter.RFC_1123_DATE_TIME);
    }
}
