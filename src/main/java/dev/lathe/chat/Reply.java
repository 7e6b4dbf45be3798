package dev.lathe.chat;

import dev.lathe.text.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a model replied. Immutable.
 *
 * @param text what it says; empty if it only calls tools
 * @param thinking what it thought before; empty if nothing
 * @param calls the tools that it asks for, in their order
 */
public record Reply(String text, String thinking, List<ToolCall> calls) {
    static final String THINKING = "reasoning_content";

    /** Copies the list. */
    public Reply {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(thinking, "thinking");
        calls = List.copyOf(calls);
    }

    /** A reply put together from its pieces. */
    static Reply of(List<ReplyPiece> pieces) {
        StringBuilder text = new StringBuilder();
        StringBuilder thinking = new StringBuilder();
        List<ToolCall> calls = new ArrayList<>();
        for (ReplyPiece piece : pieces) {
            switch (piece) {
                case ReplyPiece.Text said -> text.append(said.text());
                case ReplyPiece.Thinking thought -> thinking.append(thought.text());
                case ReplyPiece.CallPart _ -> {} // the call follows
                case ReplyPiece.Call call -> calls.add(call.call());
            }
        }
        return new Reply(text.toString(), thinking.toString(), calls);
    }

    /**
     * The message of it, for the conversation to go on. Thinking goes along where the template has a place for it; text
     * beside calls is left out by templates that have none.
     */
    public ChatMessage toMessage() {
        ChatMessage message = ChatMessage.assistant(text);
        if (!thinking.isEmpty()) {
            message = message.with(THINKING, thinking);
        }
        return calls.isEmpty()
                ? message
                : message.with(
                        ToolCall.FIELD,
                        calls.stream()
                                .map(call -> call.toMap(call.arguments().toJava()))
                                .toList());
    }
}
