package dev.lathe.decode.constraint;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;

/** A set of tokens: those that may come next. Immutable and thread-safe. */
public final class TokenMask {
    private final long[] words;
    private final int size;
    private final int count;

    private TokenMask(int size, long[] words) {
        int bits = 0;
        for (long word : words) {
            bits += Long.bitCount(word);
        }
        this.words = words;
        this.size = size;
        this.count = bits;
    }

    /** Takes ownership of a bit for each token, none beyond the vocabulary. */
    static TokenMask of(int size, long[] words) {
        return new TokenMask(size, words);
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
        return new TokenMask(size, tokens.toLongArray());
    }

    /** The tokens of a vocabulary that something holds for. */
    public static TokenMask of(int size, IntPredicate allowed) {
        BitSet tokens = new BitSet(size);
        for (int token = 0; token < size; token++) {
            if (allowed.test(token)) {
                tokens.set(token);
            }
        }
        return new TokenMask(size, tokens.toLongArray());
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
        Arrays.fill(masked, to, to + columns, Float.NEGATIVE_INFINITY);
        for (int word = 0; word < words.length; word++) {
            for (long left = words[word]; left != 0; left &= left - 1) {
                int token = (word << 6) + Long.numberOfTrailingZeros(left);
                if (token < columns) {
                    masked[to + token] = logits[from + token];
                }
            }
        }
    }
}
