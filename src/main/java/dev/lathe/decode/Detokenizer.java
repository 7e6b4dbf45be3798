package dev.lathe.decode;

/** How the tokens of one generation become text. One thread; made anew for each generation. */
public interface Detokenizer {
    /** The whole code points that are complete with this token; bytes of incomplete ones wait for the next. */
    String accept(int token);

    /** What the waiting bytes amount to at the end; empty if there are none. */
    String finish();

    /** Whether this token ends the text; such a token has no text of its own. */
    boolean isEndOfGeneration(int token);
}
