package dev.lathe.springai;

import dev.lathe.chat.Reply;
import dev.lathe.chat.ToolCall;
import dev.lathe.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.MediaContent;

/** Spring AI's messages as Lathe's. What Lathe cannot read is refused, never ignored. */
final class Messages {
    /** The property of a message that holds what the model thought. */
    static final String THINKING = "thinking";

    private Messages() {}

    static List<ChatMessage> of(List<Message> messages) {
        List<ChatMessage> all = new ArrayList<>();
        for (Message message : messages) {
            if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
                throw new UnsupportedOperationException("a message has media of type "
                        + content.getMedia().iterator().next().getMimeType() + ": Lathe reads text alone");
            }
            switch (message) {
                case SystemMessage system -> all.add(ChatMessage.system(system.getText()));
                case UserMessage user -> all.add(ChatMessage.user(user.getText()));
                case AssistantMessage answer -> all.add(answer(answer));
                case ToolResponseMessage results ->
                    results.getResponses()
                            .forEach(result -> all.add(ToolCall.of(result.id(), result.name(), "{}")
                                    .result(result.responseData())));
                default ->
                    throw new UnsupportedOperationException("a message is of "
                            + message.getClass().getName() + ": expected a SystemMessage, UserMessage,"
                            + " AssistantMessage or ToolResponseMessage");
            }
        }
        return all;
    }

    private static ChatMessage answer(AssistantMessage answer) {
        List<ToolCall> calls = answer.getToolCalls().stream()
                .map(call -> ToolCall.of(call.id(), call.name(), call.arguments()))
                .toList();
        String text = answer.getText() == null ? "" : answer.getText();
        String thinking = answer.getMetadata().get(THINKING) instanceof String thought ? thought : "";
        return new Reply(text, thinking, calls).toMessage();
    }

    static AssistantMessage.ToolCall call(ToolCall call) {
        return new AssistantMessage.ToolCall(
                call.id(), "function", call.name(), call.arguments().toJson());
    }
}
