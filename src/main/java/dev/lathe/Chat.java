package dev.lathe;

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
    private final List<ChatMessage> opening;
    private final List<ChatMessage> messages;

    Chat(Session session, List<ChatMessage> opening) {
        this.session = session;
        this.opening = opening;
        this.messages = new ArrayList<>(opening);
    }

    /**
     * Says something and lets the model answer. Both become part of the conversation when the answer has ended, also by
     * its limits or cancelled; a generation that fails, or ends without a token, leaves the conversation as it was.
     *
     * @return the answer, to be run; each run says it once
     */
    public Generation ask(String userMessage) {
        return ask(ChatMessage.user(userMessage));
    }

    /** Adds a message, such as a tool's result, and lets the model answer, as {@link #ask(String)} does. */
    public Generation ask(ChatMessage message) {
        return new Generation(session, () -> prompt(message), GenerationOptions.DEFAULT, answer -> {
            if (!answer.tokens().isEmpty()) {
                messages.add(message);
                messages.add(ChatMessage.assistant(answer.text()));
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

    private int[] prompt(ChatMessage message) {
        List<ChatMessage> all = new ArrayList<>(messages);
        all.add(message);
        return session.chatTokens(all);
    }
}
