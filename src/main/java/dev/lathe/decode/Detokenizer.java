package dev.lathe.decode;

import dev.lathe.decode.constraint.TokenVocabulary;

/** How the tokens of one generation become text. One thread; made anew for each generation. */
public interface Detokenizer {
    /** The whole code points that are complete with this token; bytes of incomplete ones wait for the next. */
    String accept(int token);

    /** What the waiting bytes amount to at the end; empty if there are none. */
    String finish();

    /** Whether this token ends the text; such a token has no text of its own. */
    boolean isEndOfGeneration(int token);

    /** The tokens as constraints need them: the same object for all texts of a model. */
    default TokenVocabulary vocabulary() {
        throw new UnsupportedOperationException("this detokenizer has no vocabulary, which a constraint needs");
    }
}
