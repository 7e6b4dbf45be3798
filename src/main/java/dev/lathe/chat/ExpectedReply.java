package dev.lathe.chat;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.decode.constraint.GrammarCache;
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
    private final GrammarCache<Allowed> grammars;

    /**
     * What decides the grammar of a reply with tools.
     *
     * @param tools those that may be called
     * @param isCall whether nothing but calls is allowed
     * @param several whether more than one call is
     * @param ofText what the text may be
     */
    record Allowed(
            List<Tool> tools, boolean isCall, boolean several, boolean thinkingIsOpen, Optional<Grammar> ofText) {}

    ExpectedReply(
            Tokenizer tokenizer,
            ChatOptions options,
            CallFormat calls,
            TextFormat text,
            Optional<ThinkingFormat> thinking,
            boolean thinkingIsOpen,
            long idSeed,
            GrammarCache<Allowed> grammars) {
        this.tokenizer = tokenizer;
        this.options = options;
        this.calls = calls;
        this.text = text;
        this.thinking = thinking;
        this.thinkingIsOpen = thinkingIsOpen;
        this.idSeed = idSeed;
        this.grammars = grammars;
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
        Optional<Grammar> said = called ? Optional.empty() : ofText.map(Grammar.class::cast);
        Allowed allowed = new Allowed(options.callable(), called, several, thinkingIsOpen, said);
        return Optional.of(grammars.get(allowed, this::grammar));
    }

    private Grammar grammar(Allowed allowed) {
        FormatGrammar grammar = new FormatGrammar(calls, text, allowed.tools(), allowed.several());
        Grammar reply = allowed.isCall() ? grammar.calls() : grammar.callsOrText(allowed.ofText());
        return thinking.map(format -> FormatGrammar.behindThinking(format, thinkingIsOpen, reply))
                .orElse(reply);
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
