package dev.lathe;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Reply;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.plan.Cancellation;
import dev.lathe.plan.Replier;
import dev.lathe.text.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Conversations answered by a session. */
record SessionReplier(Session session, UnaryOperator<Generation> how) implements Replier {
    @Override
    public Reply reply(
            List<ChatMessage> messages,
            ChatOptions options,
            Optional<Constraint> constraint,
            Cancellation cancellation) {
        Generation generation = how.apply(session.chat(messages, options));
        Generation constrained = constraint.map(generation::constrain).orElse(generation);
        try (TokenStream stream = constrained.stream();
                var _ = cancellation.onCancel(stream::cancel)) {
            return stream.readAll().reply();
        }
    }
}
