package dev.lathe.text;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Finds at each place of a text the pieces that begin there, the longest first, in one pass whatever the pieces are (Aho
 * and Corasick 1975, Efficient string matching; over reversed pieces, from the text's end). Immutable.
 *
 * <p>A state stands for the longest beginning of a reversed piece that the text has at a place, read backwards; 0 for
 * none.
 */
final class PieceFinder {
    /** Far beyond an honest vocabulary, and little enough for a small heap. */
    private static final int MOST_CHARS = 1 << 22;

    /** Open-addressed: state in the upper bits, char in the lower 16, plus 1; 0 is free. */
    private long[] keys = new long[64];

    private int[] targets = new int[64];
    private int[] tokens = new int[32];
    private int[] lengths = new int[32];

    /** The state of what is left without the last chars read, as long as possible. */
    private int[] fallbacks = new int[32];

    /** The nearest fallback that is a whole piece; 0 for none. */
    private int[] shorter = new int[32];

    private int states = 1;

    /** The chars that pieces end with. */
    private final BitSet lastChars = new BitSet();

    /**
     * @param tokens the tokens whose pieces to find; empty pieces are never found
     * @throws IllegalArgumentException if the pieces are far longer than those of an honest vocabulary
     */
    PieceFinder(Vocabulary vocabulary, BitSet tokens) {
        Arrays.fill(this.tokens, -1);
        long chars = 0;
        for (int token = tokens.nextSetBit(0); token >= 0; token = tokens.nextSetBit(token + 1)) {
            String piece = vocabulary.piece(token);
            chars += piece.length();
            if (chars > MOST_CHARS) {
                throw new IllegalArgumentException(Vocabulary.TOKENS + " has more than " + MOST_CHARS
                        + " characters in pieces that are searched for: no tokenizer needs so many");
            }
            if (!piece.isEmpty()) {
                add(piece, token);
            }
        }
        linkFallbacks();
    }

    private void add(String piece, int token) {
        int state = 0;
        for (int i = piece.length() - 1; i >= 0; i--) {
            int next = target(state, piece.charAt(i));
            state = next > 0 ? next : newState(state, piece.charAt(i));
        }
        tokens[state] = token;
        lastChars.set(piece.charAt(piece.length() - 1));
    }

    private int newState(int from, char read) {
        if (states == tokens.length) {
            int larger = 2 * states;
            tokens = Arrays.copyOf(tokens, larger);
            Arrays.fill(tokens, states, larger, -1);
            lengths = Arrays.copyOf(lengths, larger);
            fallbacks = Arrays.copyOf(fallbacks, larger);
            shorter = Arrays.copyOf(shorter, larger);
        }
        if (2 * states >= keys.length) {
            growTable();
        }
        put(key(from, read), states);
        lengths[states] = lengths[from] + 1;
        return states++;
    }

    private void growTable() {
        long[] oldKeys = keys;
        int[] oldTargets = targets;
        keys = new long[2 * oldKeys.length];
        targets = new int[keys.length];
        for (int slot = 0; slot < oldKeys.length; slot++) {
            if (oldKeys[slot] != 0) {
                put(oldKeys[slot], oldTargets[slot]);
            }
        }
    }

    private void put(long key, int target) {
        int slot = slot(key);
        keys[slot] = key;
        targets[slot] = target;
    }

    private static long key(int state, char read) {
        return ((long) state << 16 | read) + 1;
    }

    /** Where a key is, or may be put. */
    private int slot(long key) {
        int slot = (int) (key * 0x9E3779B97F4A7C15L >>> Long.numberOfLeadingZeros(keys.length - 1));
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & keys.length - 1;
        }
        return slot;
    }

    /** The state after one more char, without falling back; 0 for none. */
    private int target(int state, char read) {
        return targets[slot(key(state, read))];
    }

    private int next(int state, char read) {
        if (state == 0 && !lastChars.get(read)) {
            return 0;
        }
        int from = state;
        int next = target(from, read);
        while (next == 0 && from != 0) {
            from = fallbacks[from];
            next = target(from, read);
        }
        return next;
    }

    /** The fallback of each state, those of fewer chars first. */
    private void linkFallbacks() {
        long[] edges = new long[states - 1];
        int count = 0;
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != 0) {
                edges[count++] = (long) lengths[targets[slot]] << 32 | slot;
            }
        }
        Arrays.sort(edges);
        for (long edge : edges) {
            int slot = (int) edge;
            int state = targets[slot];
            int from = (int) (keys[slot] - 1 >> 16);
            fallbacks[state] = from == 0 ? 0 : next(fallbacks[from], (char) (keys[slot] - 1));
            shorter[state] = whole(fallbacks[state]);
        }
    }

    /** The states at each place of a text. */
    int[] states(CharSequence text) {
        int[] found = new int[text.length()];
        int state = 0;
        for (int i = text.length() - 1; i >= 0; i--) {
            state = next(state, text.charAt(i));
            found[i] = state;
        }
        return found;
    }

    /** The state of the longest piece at a state's place; 0 for none. */
    int whole(int state) {
        return tokens[state] >= 0 ? state : shorter[state];
    }

    /** The state of the next shorter piece at the same place; 0 for none. */
    int shorter(int whole) {
        return shorter[whole];
    }

    /** The token whose piece a state is. */
    int token(int whole) {
        return tokens[whole];
    }

    /** Length of its piece in chars. */
    int length(int whole) {
        return lengths[whole];
    }
}
