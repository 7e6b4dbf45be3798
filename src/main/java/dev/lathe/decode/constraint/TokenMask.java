package dev.lathe.decode.constraint;

import java.util.BitSet;
import java.util.function.IntPredicate;

/** A set of tokens: those that may come next. Immutable and thread-safe. */
public final class TokenMask {
    private final long[] words;
    private final int size;
    private final int count;

    private TokenMask(int size, BitSet tokens) {
        this.words = tokens.toLongArray();
        this.size = size;
        this.count = tokens.cardinality();
    }

    /**
     * A copy of a set.
     *
     * @param size of the vocabulary
     * @throws IllegalArgumentException if a token is outside of the vocabulary
     */
    public static TokenMask of(int size, BitSet tokens) {
        if (tokens.length() > size) {
            throw new IllegalArgumentException(
                    "the mask allows token " + (tokens.length() - 1) + " of a vocabulary of " + size + " tokens");
        }
        return new TokenMask(size, tokens);
    }

    /** The tokens of a vocabulary that something holds for. */
    public static TokenMask of(int size, IntPredicate allowed) {
        BitSet tokens = new BitSet(size);
        for (int token = 0; token < size; token++) {
            if (allowed.test(token)) {
                tokens.set(token);
            }
        }
        return new TokenMask(size, tokens);
    }

    /** Whether a token is allowed; false outside of the vocabulary. */
    public boolean allows(int token) {
        int word = token >> 6;
        return word >= 0 && word < words.length && (words[word] >> token & 1) != 0;
    }

    /** How many tokens are allowed. */
    public int count() {
        return count;
    }

    /** Tokens of the vocabulary. */
    public int vocabularySize() {
        return size;
    }

    /** The lowest token allowed; -1 if there is none. */
    public int first() {
        for (int word = 0; word < words.length; word++) {
            if (words[word] != 0) {
                return (word << 6) + Long.numberOfTrailingZeros(words[word]);
            }
        }
        return -1;
    }

    /**
     * Copies logits, with minus infinity for tokens that are not allowed, those beyond the mask's vocabulary too.
     *
     * @param from where the row begins in {@code logits}
     * @param to where it goes in {@code masked}
     * @param columns length of the row
     */
    public void copyAllowed(float[] logits, int from, float[] masked, int to, int columns) {
        for (int token = 0; token < columns; token++) {
            masked[to + token] = allows(token) ? logits[from + token] : Float.NEGATIVE_INFINITY;
        }
    }
}
