package dev.lathe.chat;

/** A piece of a reply, as it streams. */
public sealed interface ReplyPiece {
    /** Some characters of what the model says. */
    record Text(String text) implements ReplyPiece {}

    /** Some characters of what the model thinks before it says it. */
    record Thinking(String text) implements ReplyPiece {}

    /** A call that is complete. */
    record Call(ToolCall call) implements ReplyPiece {}
}
