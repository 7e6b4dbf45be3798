package dev.lathe.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
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
            case AiMessage answer
            when answer.toolExecutionRequests().isEmpty() -> dev.lathe.text.ChatMessage.assistant(answer.text());
            case AiMessage _ -> throw Parameters.unsupported("tools");
            default -> throw Parameters.unsupported("messages of type " + message.type());
        };
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
