package dev.lathe;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Reply;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation in a session, laid out by the model's own template. What was said before is reused, not evaluated
 * again. One thread at a time, as its session.
 */
public final class Chat {
    private final Session session;
    private final ChatOptions options;
    private final List<ChatMessage> opening;
    private final List<ChatMessage> messages;

    Chat(Session session, ChatOptions options, List<ChatMessage> opening) {
        this.session = session;
        this.options = options;
        this.opening = opening;
        this.messages = new ArrayList<>(opening);
    }

    /**
     * Says something and lets the model answer. Both become part of the conversation when the answer has ended, by its
     * limits or by being cancelled too; a generation that fails, or ends without a token, leaves the conversation as it
     * was.
     *
     * @return the answer, to be run; each run says it once
     */
    public Generation ask(String userMessage) {
        return ask(ChatMessage.user(userMessage));
    }

    /** Adds messages, such as the results of tools, and lets the model answer, as {@link #ask(String)} does. */
    public Generation ask(ChatMessage... added) {
        List<ChatMessage> all = List.of(added);
        return new Generation(session, () -> prompt(all), GenerationOptions.DEFAULT, answer -> {
            if (!answer.tokens().isEmpty()) {
                Reply reply = answer.reply();
                boolean plain = reply.calls().isEmpty() && reply.thinking().isEmpty();
                messages.addAll(all);
                messages.add(plain ? ChatMessage.assistant(answer.text()) : reply.toMessage());
            }
        });
    }

    /** What was said so far; a copy. */
    public List<ChatMessage> messages() {
        return List.copyOf(messages);
    }

    /** Goes back to the opening messages. */
    public void reset() {
        messages.clear();
        messages.addAll(opening);
    }

    private Prompt prompt(List<ChatMessage> added) {
        List<ChatMessage> all = new ArrayList<>(messages);
        all.addAll(added);
        return session.chatPrompt(all, options);
    }
}
