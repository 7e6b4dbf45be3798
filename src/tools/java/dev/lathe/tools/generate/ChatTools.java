package dev.lathe.tools.generate;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Tool;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import dev.lathe.tools.command.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a conversation's options say of tools and thinking. */
final class ChatTools {
    static final String HELP = """
              --tools FILE        tools that the model may call, as OpenAI's protocol writes them: a JSON array of name,
                                  description and parameters; what a tool answers is then asked for
              --thinking NAME     on or off, where the model's template has a switch of it
            """;

    private ChatTools() {}

    static ChatOptions of(Options options) throws IOException {
        ChatOptions chat = ChatOptions.DEFAULT;
        if (options.has("--tools")) {
            chat = chat.tools(read(options.file("--tools", null)));
        }
        return options.has("--thinking")
                ? chat.thinking(
                        options.word("--thinking", "", List.of("on", "off")).equals("on"))
                : chat;
    }

    private static List<Tool> read(Path file) throws IOException {
        try {
            if (JsonValue.parse(Files.readString(file)) instanceof JsonArray tools) {
                return tools.elements().stream().map(ChatTools::tool).toList();
            }
            throw new Options.UsageException(file + " is no JSON array of tools; --help shows what they are");
        } catch (JsonException | IllegalArgumentException e) {
            throw new Options.UsageException(file + ": " + e.getMessage());
        }
    }

    /** With or without the {@code {"type": "function", "function": ...}} around it. */
    private static Tool tool(JsonValue value) {
        if (!(value instanceof JsonObject object)) {
            throw new IllegalArgumentException("a tool is " + value.kind() + ", expected an object");
        }
        JsonObject function = object.find("function").isPresent() ? object.object("function") : object;
        JsonObject parameters =
                function.find("parameters").isPresent() ? function.object("parameters") : new JsonObject(Map.of());
        return new Tool(function.text("name"), function.findText("description").orElse(""), parameters);
    }
}
