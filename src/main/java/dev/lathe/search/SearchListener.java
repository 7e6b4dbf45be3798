package dev.lathe.search;

import dev.lathe.decode.Token;

/** Told what a search does while it runs. */
public interface SearchListener {
    /** Is told nothing. */
    SearchListener NONE = new SearchListener() {};

    /**
     * A token of a draw, on a thread of the engine's requests; draws are numbered from 0 in the order in which they are
     * asked for, and several go on at once.
     */
    default void token(int draw, Token token) {}

    /** A draw has ended: an answer or one more step of it, on the search's own thread. */
    default void drawn(int draw, Candidate candidate) {}
}
