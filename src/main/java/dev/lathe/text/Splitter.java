package dev.lathe.text;

/** One step of a pre-tokenizer: cuts a piece of text into smaller ones, which no token will cross. Stateless. */
interface Splitter {
    /**
     * Where the first of the smaller pieces ends.
     *
     * @param from where the piece begins
     * @param to where the piece ends, larger than {@code from}; what follows it must not matter
     * @return more than {@code from} and at most {@code to}
     */
    int pieceEnd(ScannedText text, int from, int to);
}
