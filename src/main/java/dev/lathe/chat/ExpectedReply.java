package dev.lathe.chat;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/** What a reply may be, and how it is read. Immutable and thread-safe. */
public final class ExpectedReply {
    private final Tokenizer tokenizer;
    private final ChatOptions options;
    private final CallFormat calls; // null without tools
    private final TextFormat text;
    private final Optional<ThinkingFormat> thinking;
    private final boolean thinkingIsOpen;
    private final long idSeed;

    ExpectedReply(
            Tokenizer tokenizer,
            ChatOptions options,
            CallFormat calls,
            TextFormat text,
            Optional<ThinkingFormat> thinking,
            boolean thinkingIsOpen,
            long idSeed) {
        this.tokenizer = tokenizer;
        this.options = options;
        this.calls = calls;
        this.text = text;
        this.thinking = thinking;
        this.thinkingIsOpen = thinkingIsOpen;
        this.idSeed = idSeed;
    }

    /**
     * The constraint of all that may be generated; empty if anything may.
     *
     * @param ofText a constraint of what the model says, beside thinking and calls
     * @throws IllegalArgumentException if there are tools and the constraint is no {@link Grammar}
     * @throws dev.lathe.decode.constraint.ConstraintException if a tool's schema is not supported
     */
    public Optional<Constraint> constraint(Optional<Constraint> ofText) {
        if (calls == null) {
            return ofText.map(constraint -> thinkingIsOpen ? behindThinking(constraint) : constraint);
        }
        if (ofText.isPresent() && !(ofText.get() instanceof Grammar)) {
            throw new IllegalArgumentException("the constraint beside tools is a "
                    + ofText.get().getClass().getName() + ": expected a Grammar");
        }
        boolean called = options.choice().mode() != ToolChoice.Mode.AUTO;
        boolean several = options.severalCalls() && options.choice().mode() != ToolChoice.Mode.NAMED;
        FormatGrammar grammar = new FormatGrammar(calls, text, options.callable(), several);
        Grammar reply = called ? grammar.calls() : grammar.callsOrText(ofText.map(Grammar.class::cast));
        return Optional.of(thinking.map(format -> FormatGrammar.behindThinking(format, thinkingIsOpen, reply))
                .orElse(reply));
    }

    private Constraint behindThinking(Constraint constraint) {
        ThinkingFormat format = thinking.orElseThrow();
        return constraint instanceof Grammar grammar
                ? FormatGrammar.behindThinking(format, true, grammar)
                : Constraint.after(Spelling.shown(format.close()), constraint);
    }

    /** Reads a reply as it streams. */
    public ReplyParser newParser() {
        return new ReplyParser(tokenizer, calls, text, thinking.orElse(null), thinkingIsOpen, idSeed);
    }

    /** The pieces of a whole reply. */
    List<ReplyPiece> read(int... tokens) {
        return newParser().readAll(tokens);
    }
}
