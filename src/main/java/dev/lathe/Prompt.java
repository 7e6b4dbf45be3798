package dev.lathe;

import dev.lathe.chat.ExpectedReply;
import dev.lathe.chat.Reply;
import dev.lathe.chat.ReplyParser;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Token;
import java.util.List;
import java.util.Optional;

/**
 * The tokens of a prompt, and what is to come after them.
 *
 * @param tokens not copied
 * @param expected what a chat model replies; empty for plain text
 */
record Prompt(int[] tokens, Optional<ExpectedReply> expected) {
    static Prompt of(int... tokens) {
        return new Prompt(tokens, Optional.empty());
    }

    /** The options with the constraint of the whole reply. */
    GenerationOptions constrained(GenerationOptions options) {
        return expected.flatMap(reply -> reply.constraint(options.constraint()))
                .map(options::constraint)
                .orElse(options);
    }

    ReplyParser newParser() {
        return expected.map(ExpectedReply::newParser).orElseGet(ReplyParser::ofText);
    }

    /** The reply that these tokens are. */
    Reply read(List<Token> tokens) {
        ReplyParser parser = newParser();
        tokens.forEach(token -> parser.accept(token.id(), token.text()));
        parser.finish();
        return parser.reply();
    }
}
