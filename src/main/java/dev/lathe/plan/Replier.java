package dev.lathe.plan;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Reply;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.text.ChatMessage;
import java.util.List;
import java.util.Optional;

/** Answers conversations: a session of a model, or a script. */
@FunctionalInterface
public interface Replier {
    /**
     * Answers a conversation.
     *
     * @param options the tools that may be called
     * @param constraint which texts may be said; empty for all
     * @param cancellation where to register what ends the answer early; it then has what there is until then
     */
    Reply reply(
            List<ChatMessage> messages,
            ChatOptions options,
            Optional<Constraint> constraint,
            Cancellation cancellation);
}
