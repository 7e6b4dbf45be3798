package dev.lathe.decode.constraint;

import java.util.List;

/**
 * Which texts may be generated. Tokens that cannot lead to such a text get a logit of minus infinity before anything
 * else happens to the logits, so a constraint is a part of the distribution: strategies do not know of it, and an exact
 * one stays exact.
 *
 * <p>The {@link Grammar grammars} made here are compiled once and can be used by any number of generations. A filter of
 * one's own implements this interface. Immutable and thread-safe, its states too.
 */
public interface Constraint {
    /** Where a generated text is before its first token. */
    State start(TokenVocabulary vocabulary);

    /**
     * Where a text is between two tokens. Immutable: branches of a tree of drafts and samples of one prompt share it.
     */
    interface State {
        /**
         * The tokens that may come next; never none. Tokens that end the generation are among them where the text may
         * end.
         */
        TokenMask mask();

        /**
         * The state after one more token.
         *
         * @param token one that {@link #mask} allows, and not one that ends the generation
         */
        State then(int token);

        /** Whether the text is complete and nothing but its end may follow. The generation ends there. */
        default boolean isFinished() {
            return false;
        }

        /**
         * Tokens that most likely come next because no other text may; empty where there is a choice. A guess for
         * drafting: other tokens may spell the same text.
         */
        default int[] forced() {
            TokenMask mask = mask();
            return mask.count() == 1 ? new int[] {mask.first()} : new int[0];
        }
    }

    /**
     * JSON that a schema accepts, written with its members in the schema's order. Supports a subset of JSON Schema
     * 2020-12, listed in docs/constraints.md.
     *
     * @throws ConstraintException if the schema is no JSON, or uses a keyword that is not supported, with its JSON pointer
     */
    static Grammar jsonSchema(String schema) {
        return JsonSchemaCompiler.compile(schema);
    }

    /** Any JSON value. */
    static Grammar json() {
        return JsonSchemaCompiler.compile("true");
    }

    /**
     * Texts of a grammar in the notation of llama.cpp's GBNF, from the rule {@code root}.
     *
     * @throws ConstraintException if it cannot be parsed, with line and column; or if a rule is left recursive
     */
    static Grammar gbnf(String grammar) {
        return GbnfParser.parse(grammar);
    }

    /**
     * Texts that a regular expression matches as a whole.
     *
     * @throws ConstraintException if it cannot be parsed, or uses what is not regular, with the place of it
     */
    static Grammar regex(String pattern) {
        return Grammar.of(new RuleSet(), RegexParser.parse(pattern));
    }

    /**
     * One of these texts.
     *
     * @throws ConstraintException if there are none, or all are empty
     */
    static Grammar choice(List<String> texts) {
        RuleSet rules = new RuleSet();
        return Grammar.of(rules, Literals.choice(rules, texts));
    }

    /** One of these texts. */
    static Grammar choice(String... texts) {
        return choice(List.of(texts));
    }

    /**
     * Anything up to a marker, such as {@code </think>}, and after it what another constraint allows. The text cannot
     * end before the marker.
     *
     * @param marker a text, or the piece of a control token
     * @throws ConstraintException if the marker is empty
     */
    static Constraint after(String marker, Constraint then) {
        return new MarkerConstraint(marker, then, false);
    }

    /**
     * As {@link #after}, but the text may also end without the marker.
     *
     * @throws ConstraintException if the marker is empty
     */
    static Constraint onceSeen(String marker, Constraint then) {
        return new MarkerConstraint(marker, then, true);
    }
}
