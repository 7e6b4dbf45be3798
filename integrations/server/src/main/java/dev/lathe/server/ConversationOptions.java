package dev.lathe.server;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Tool;
import dev.lathe.chat.ToolChoice;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads which tools a conversation offers, whether they are called, and what its template is told beside. */
final class ConversationOptions {
    static final Set<String> FIELDS = Set.of("tools", "tool_choice", "parallel_tool_calls", "chat_template_kwargs");

    private static final int MOST_TOOLS = 128;
    private static final Set<String> SWITCHES_OF_THINKING = Set.of("enable_thinking", "thinking");

    private ConversationOptions() {}

    static ChatOptions read(RequestFields fields) {
        List<Tool> tools = fields.array("tools").map(ConversationOptions::tools).orElse(List.of());
        ChatOptions options = variables(ChatOptions.DEFAULT, fields.find("chat_template_kwargs"))
                .severalCalls(fields.bool("parallel_tool_calls").orElse(true))
                .choice(choice(fields.find("tool_choice"), tools));
        try {
            return options.tools(tools);
        } catch (IllegalArgumentException twice) {
            throw ApiException.badRequest("tools", twice.getMessage());
        }
    }

    private static List<Tool> tools(List<JsonValue> values) {
        if (values.size() > MOST_TOOLS) {
            throw ApiException.badRequest("tools", "'tools' are " + values.size() + ": expected at most " + MOST_TOOLS);
        }
        List<Tool> tools = new ArrayList<>();
        for (JsonValue value : values) {
            tools.add(tool(value, "tools[" + tools.size() + "]."));
        }
        return tools;
    }

    /** Arguments follow their schema whether or not it is called strict. */
    private static Tool tool(JsonValue value, String place) {
        RequestFields tool = RequestFields.of(value, place, Set.of("type", "function"));
        requireFunction(tool, place);
        RequestFields function = tool.object("function", Set.of("name", "description", "parameters", "strict"));
        function.bool("strict");
        JsonValue parameters = function.find("parameters").orElse(new JsonObject(Map.of()));
        if (!(parameters instanceof JsonObject schema)) {
            throw ApiException.badRequest(
                    place + "function.parameters", "'" + place + "function.parameters': an object is expected");
        }
        try {
            return new Tool(
                    function.requiredText("name"), function.text("description").orElse(""), schema);
        } catch (IllegalArgumentException wrong) {
            throw ApiException.badRequest(place + "function", wrong.getMessage());
        }
    }

    private static void requireFunction(RequestFields fields, String place) {
        String type = fields.text("type").orElse("absent");
        if (!type.equals("function")) {
            throw ApiException.badRequest(place + "type", "'" + place + "type' is " + type + ": expected function");
        }
    }

    private static ToolChoice choice(Optional<JsonValue> value, List<Tool> tools) {
        return switch (value.orElse(null)) {
            case null -> ToolChoice.auto();
            case JsonString mode ->
                switch (mode.text()) {
                    case "auto" -> ToolChoice.auto();
                    case "none" -> ToolChoice.none();
                    case "required" -> {
                        if (tools.isEmpty()) {
                            throw ApiException.badRequest(
                                    "tool_choice", "'tool_choice' is required: there are no tools");
                        }
                        yield ToolChoice.required();
                    }
                    default ->
                        throw ApiException.badRequest(
                                "tool_choice",
                                "'tool_choice' is " + mode.text() + ": expected none, auto, required or a function");
                };
            case JsonObject object -> {
                String place = "tool_choice.";
                RequestFields fields = RequestFields.of(object, place, Set.of("type", "function"));
                requireFunction(fields, place);
                String name = fields.object("function", Set.of("name")).requiredText("name");
                if (tools.stream().noneMatch(tool -> tool.name().equals(name))) {
                    throw ApiException.badRequest(
                            "tool_choice", "'tool_choice' names '" + name + "': there is no such tool");
                }
                yield ToolChoice.named(name);
            }
            default -> throw ApiException.badRequest("tool_choice", "'tool_choice': a text or an object is expected");
        };
    }

    /** The usual names of the switch of thinking switch it, whatever the template calls it; else they are refused. */
    private static ChatOptions variables(ChatOptions options, Optional<JsonValue> given) {
        if (given.isEmpty()) {
            return options;
        }
        if (!(given.get() instanceof JsonObject variables)) {
            throw ApiException.badRequest("chat_template_kwargs", "'chat_template_kwargs': an object is expected");
        }
        ChatOptions changed = options;
        for (Map.Entry<String, JsonValue> variable : variables.members().entrySet()) {
            changed = SWITCHES_OF_THINKING.contains(variable.getKey())
                            && variable.getValue().toJava() instanceof Boolean on
                    ? changed.thinking(on)
                    : changed.variable(variable.getKey(), variable.getValue().toJava());
        }
        return changed;
    }
}
