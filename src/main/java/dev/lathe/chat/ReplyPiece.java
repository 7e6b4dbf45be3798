package dev.lathe.chat;

/** A piece of a reply, as it streams. */
public sealed interface ReplyPiece {
    /** Some characters of what the model says. */
    record Text(String text) implements ReplyPiece {}

    /** Some characters of what the model thinks before it says it. */
    record Thinking(String text) implements ReplyPiece {}

    /**
     * Some characters of a call's arguments, never blank. Together they are the arguments of the {@link Call} that
     * follows them; it does not follow where the reply ends before it is complete.
     *
     * @param index of the call in the reply
     * @param id of the call
     * @param name of the tool
     */
    record CallPart(int index, String id, String name, String arguments) implements ReplyPiece {}

    /** A call that is complete. */
    record Call(ToolCall call) implements ReplyPiece {}
}
