package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.StringArray;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The pieces of text that the tokens stand for, their types, and the way back from a piece to its token. Immutable.
 *
 * <p>The table is open-addressed and keyed by {@link String#hashCode()}, so that a slice of a text can be looked up by
 * a rolling hash, without a string of its own.
 */
final class Vocabulary {
    static final String TOKENS = "tokenizer.ggml.tokens";
    static final String TOKEN_TYPES = "tokenizer.ggml.token_type";

    /** GGUF's token types. */
    static final byte NORMAL = 1;

    static final byte UNKNOWN = 2;
    static final byte CONTROL = 3;
    static final byte USER_DEFINED = 4;
    static final byte UNUSED = 5;
    static final byte BYTE = 6;

    /** Far beyond what an honest vocabulary meets: a forged one must not make loading quadratic. */
    static final int MOST_PROBES = 2000;

    private final char[] chars;

    /** Where in {@link #chars} each token's piece begins, and one entry more for the end of the last. */
    private final int[] starts;

    private final byte[] types;

    /** Hash in the upper half, token + 1 in the lower; 0 is free. */
    private final long[] slots;

    private final int longestPiece;
    private final int givenSize;

    private Vocabulary(char[] chars, int[] starts, byte[] types, long[] slots, int longestPiece, int givenSize) {
        this.chars = chars;
        this.starts = starts;
        this.types = types;
        this.slots = slots;
        this.longestPiece = longestPiece;
        this.givenSize = givenSize;
    }

    static Vocabulary from(Metadata metadata) {
        StringArray tokens = metadata.stringArray(TOKENS);
        if (tokens.length() == 0) {
            throw new IllegalArgumentException(TOKENS + " is empty: a tokenizer needs at least one token");
        }
        byte[] types = types(metadata, tokens.length());
        int[] starts = new int[tokens.length() + 1];
        char[] chars = new char[tokens.byteCount()];
        for (int token = 0; token < types.length; token++) {
            starts[token + 1] = tokens.get(token, chars, starts[token]);
            if (types[token] == BYTE && byteValue(tokens.get(token)) < 0) {
                throw new IllegalArgumentException(TOKENS + "[" + token + "] is \"" + tokens.get(token)
                        + "\", but its type is that of a byte: expected <0x00> to <0xFF>");
            }
        }
        return of(chars, starts, types);
    }

    /**
     * The vocabulary of these pieces and types; the types are not copied.
     *
     * @throws IllegalArgumentException if two tokens have the same piece
     */
    static Vocabulary of(String[] pieces, byte[] types) {
        if (pieces.length == 0) {
            throw new IllegalArgumentException("a tokenizer needs at least one token");
        }
        int[] starts = new int[pieces.length + 1];
        for (int token = 0; token < pieces.length; token++) {
            starts[token + 1] = Math.addExact(starts[token], pieces[token].length());
        }
        char[] chars = new char[starts[pieces.length]];
        for (int token = 0; token < pieces.length; token++) {
            pieces[token].getChars(0, pieces[token].length(), chars, starts[token]);
        }
        return of(chars, starts, types);
    }

    private static Vocabulary of(char[] chars, int[] starts, byte[] types) {
        long[] slots = new long[tableSize(types.length)];
        int longestPiece = 0;
        for (int token = 0; token < types.length; token++) {
            longestPiece = Math.max(longestPiece, starts[token + 1] - starts[token]);
            if (starts[token + 1] > starts[token]) { // Some files leave ids without a piece; no text leads to them.
                insert(slots, chars, starts, token);
            }
        }
        return new Vocabulary(chars, starts, types, slots, longestPiece, types.length);
    }

    private static byte[] types(Metadata metadata, int size) {
        byte[] types = new byte[size];
        Arrays.fill(types, NORMAL);
        int[] given = metadata.findInts(TOKEN_TYPES).orElse(null);
        if (given == null) {
            return types;
        }
        requireOneForEachToken(TOKEN_TYPES, given.length, size);
        for (int token = 0; token < size; token++) {
            if (given[token] < 0 || given[token] > BYTE) {
                throw new IllegalArgumentException(
                        TOKEN_TYPES + "[" + token + "] is " + given[token] + ", expected a type from 0 to 6");
            }
            types[token] = given[token] == 0 ? NORMAL : (byte) given[token];
        }
        return types;
    }

    static void requireOneForEachToken(String key, int length, int size) {
        if (length < size) {
            throw new IllegalArgumentException(
                    key + " has " + length + " values, but " + TOKENS + " has " + size + ": one for each token needed");
        }
    }

    /** The slots of a table at most two thirds full. */
    static int tableSize(int entries) {
        return Integer.highestOneBit(Math.max(8, entries + (entries >> 1))) * 2;
    }

    /** Where a hash's search begins in a table. */
    static int firstSlot(int hash, int tableSize) {
        return hash * 0x9E3779B9 >>> Integer.numberOfLeadingZeros(tableSize - 1);
    }

    private static void insert(long[] slots, char[] chars, int[] starts, int token) {
        int from = starts[token];
        int to = starts[token + 1];
        int hash = hash(chars, from, to);
        int slot = firstSlot(hash, slots.length);
        for (int probes = 0; slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
            int other = (int) slots[slot] - 1;
            if ((int) (slots[slot] >> 32) == hash
                    && Arrays.equals(chars, starts[other], starts[other + 1], chars, from, to)) {
                throw new IllegalArgumentException(TOKENS + " has the piece \"" + new String(chars, from, to - from)
                        + "\" twice, at " + other + " and " + token);
            }
            if (++probes > MOST_PROBES) {
                throw new IllegalArgumentException(TOKENS + " has over " + MOST_PROBES + " pieces with close hashes");
            }
        }
        slots[slot] = (long) hash << 32 | token + 1;
    }

    /** As {@link String#hashCode()} of a slice. */
    private static int hash(char[] chars, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + chars[i];
        }
        return hash;
    }

    /** The vocabulary where also these tokens are control tokens. */
    Vocabulary withControl(BitSet tokens) {
        byte[] changed = types.clone();
        for (int token = tokens.nextSetBit(0); token >= 0; token = tokens.nextSetBit(token + 1)) {
            changed[token] = CONTROL;
        }
        return new Vocabulary(chars, starts, changed, slots, longestPiece, givenSize);
    }

    /** The vocabulary with unused tokens at its end, so that it has this many at least. */
    Vocabulary padded(int size) {
        if (size <= types.length) {
            return this;
        }
        int[] moreStarts = Arrays.copyOf(starts, size + 1);
        byte[] moreTypes = Arrays.copyOf(types, size);
        Arrays.fill(moreStarts, types.length, size + 1, starts[types.length]);
        Arrays.fill(moreTypes, types.length, size, UNUSED);
        return new Vocabulary(chars, moreStarts, moreTypes, slots, longestPiece, givenSize);
    }

    /** All tokens of these types. */
    BitSet ofTypes(byte... wanted) {
        int mask = 0;
        for (byte type : wanted) {
            mask |= 1 << type;
        }
        BitSet found = new BitSet();
        for (int token = 0; token < types.length; token++) {
            if ((1 << types[token] & mask) != 0) {
                found.set(token);
            }
        }
        return found;
    }

    int size() {
        return types.length;
    }

    /** Number of tokens without those that {@link #padded} added. */
    int givenSize() {
        return givenSize;
    }

    /** Length of the longest piece in chars. */
    int longestPiece() {
        return longestPiece;
    }

    String piece(int token) {
        int from = starts[requireToken(token)];
        return new String(chars, from, starts[token + 1] - from);
    }

    byte type(int token) {
        return types[requireToken(token)];
    }

    /** The byte that a piece like {@code <0x0A>} stands for, or -1. */
    static int byteValue(String piece) {
        boolean isByte = piece.length() == 6 && piece.startsWith("<0x") && piece.charAt(5) == '>';
        int high = isByte ? Character.digit(piece.charAt(3), 16) : -1;
        int low = isByte ? Character.digit(piece.charAt(4), 16) : -1;
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /** The token of a piece that text may become, or -1. */
    int findText(String piece) {
        int token = find(piece);
        return token >= 0 && isSpecial(token) ? -1 : token;
    }

    /** The token of each byte, or -1. */
    int[] byteTokens() {
        int[] tokens = new int[256];
        Arrays.fill(tokens, -1);
        for (int token = 0; token < types.length; token++) {
            if (types[token] == BYTE) {
                tokens[byteValue(piece(token))] = token;
            }
        }
        return tokens;
    }

    /** Whether a token marks something instead of standing for text. */
    boolean isSpecial(int token) {
        byte type = type(token);
        return type == CONTROL || type == UNKNOWN;
    }

    private int requireToken(int token) {
        if (token < 0 || token >= types.length) {
            throw new IllegalArgumentException(
                    "token " + token + " is outside of the vocabulary: expected 0 to " + (types.length - 1));
        }
        return token;
    }

    /** The token of a piece, or -1. */
    int find(String piece) {
        return find(piece.toCharArray(), 0, piece.length());
    }

    /** The token whose piece is this slice, or -1. */
    int find(char[] chars, int from, int to) {
        return find(chars, from, to, hash(chars, from, to));
    }

    /** Whether there is such a token and this slice is its piece. */
    boolean isPiece(int token, char[] chars, int from, int to) {
        return token >= 0 && token < types.length && equal(token, chars, from, to);
    }

    /** The token whose piece is this slice, or -1; the hash is that of a string of the slice. */
    int find(char[] chars, int from, int to, int hash) {
        for (int slot = firstSlot(hash, slots.length); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
            int token = (int) slots[slot] - 1;
            if ((int) (slots[slot] >> 32) == hash && equal(token, chars, from, to)) {
                return token;
            }
        }
        return -1;
    }

    private boolean equal(int token, char[] slice, int from, int to) {
        return Arrays.equals(chars, starts[token], starts[token + 1], slice, from, to);
    }
}
