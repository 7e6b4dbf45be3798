package dev.lathe.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.lathe.chat.Reply;
import dev.lathe.chat.ToolCall;
import dev.lathe.text.json.JsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** LangChain4j's messages as Lathe's. What Lathe cannot read is refused, never ignored. */
final class Messages {
    private Messages() {}

    static List<dev.lathe.text.ChatMessage> of(Iterable<ChatMessage> messages) {
        List<dev.lathe.text.ChatMessage> all = new ArrayList<>();
        messages.forEach(message -> all.add(of(message)));
        return all;
    }

    private static dev.lathe.text.ChatMessage of(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> dev.lathe.text.ChatMessage.system(system.text());
            case UserMessage user -> dev.lathe.text.ChatMessage.user(text(user.contents()));
            case AiMessage answer -> new Reply(text(answer.text()), text(answer.thinking()), calls(answer)).toMessage();
            case ToolExecutionResultMessage result ->
                call(result.id(), result.toolName(), "{}").result(text(result.contents()));
            default -> throw Parameters.unsupported("messages of type " + message.type());
        };
    }

    private static List<ToolCall> calls(AiMessage answer) {
        return answer.toolExecutionRequests().stream()
                .map(request -> call(request.id(), request.name(), request.arguments()))
                .toList();
    }

    /** Some programs give calls no ids: then a call and its result have the tool's name for one. */
    private static ToolCall call(String id, String name, String arguments) {
        try {
            return ToolCall.of(
                    id == null ? name : id, name, arguments == null || arguments.isBlank() ? "{}" : arguments);
        } catch (JsonException | IllegalArgumentException wrong) {
            throw new InvalidRequestException("the call of '" + name + "': " + wrong.getMessage(), wrong);
        }
    }

    private static String text(String text) {
        return text == null ? "" : text;
    }

    private static String text(List<Content> contents) {
        StringBuilder text = new StringBuilder();
        for (Content content : contents) {
            if (!(content instanceof TextContent part)) {
                throw Parameters.unsupported(content.type().name().toLowerCase(Locale.ROOT) + " content");
            }
            text.append(text.isEmpty() ? "" : "\n").append(part.text());
        }
        return text.toString();
    }
}
