package dev.lathe.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Cuts texts at tokens that are found as they are written, before any pre-tokenizing and merging. Where pieces overlap,
 * the one with more bytes wins, then the one that comes first. Immutable.
 */
final class SpecialTokenFinder {
    /** A stretch of the text, or a special token found in it. */
    record Fragment(int from, int to, int token) {
        static final int TEXT = -1;

        boolean isText() {
            return token == TEXT;
        }
    }

    /** Which tokens a place of a text may become. */
    @FunctionalInterface
    interface Permission {
        boolean allows(int token, int from, int to);
    }

    private final PieceFinder finder;

    /** The place of each token in the order in which tokens are looked for. */
    private final int[] ranks;

    private final BitSet takingSpaceAfter;
    private final BitSet takingSpaceBefore;

    /**
     * @param tokens what to look for
     * @param takingSpaceAfter the tokens that take the whitespace after them
     * @param takingSpaceBefore the tokens that take the whitespace before them
     */
    SpecialTokenFinder(Vocabulary vocabulary, BitSet tokens, BitSet takingSpaceAfter, BitSet takingSpaceBefore) {
        this.finder = new PieceFinder(vocabulary, tokens);
        this.takingSpaceAfter = takingSpaceAfter;
        this.takingSpaceBefore = takingSpaceBefore;
        this.ranks = new int[tokens.length()];
        long[] order = new long[tokens.cardinality()];
        int count = 0;
        for (int token = tokens.nextSetBit(0); token >= 0; token = tokens.nextSetBit(token + 1)) {
            int bytes = vocabulary.piece(token).getBytes(StandardCharsets.UTF_8).length;
            order[count++] = (long) (Integer.MAX_VALUE - bytes) << 32 | token;
        }
        Arrays.sort(order);
        for (int rank = 0; rank < order.length; rank++) {
            ranks[(int) order[rank]] = rank;
        }
    }

    List<Fragment> split(String text, Permission permission) {
        int[] states = finder.states(text);
        LongHeap waiting = new LongHeap();
        for (int at = 0; at < states.length; at++) {
            states[at] = fitting(finder.whole(states[at]), at, states.length, permission);
            offer(waiting, states[at], at);
        }
        BitSet covered = new BitSet();
        BitSet starts = new BitSet();
        while (!waiting.isEmpty()) {
            int at = (int) waiting.removeSmallest();
            if (covered.get(at)) {
                continue;
            }
            int next = covered.nextSetBit(at);
            int limit = next < 0 ? text.length() : next;
            int state = fitting(states[at], at, limit, permission);
            if (state != states[at]) {
                states[at] = state;
                offer(waiting, state, at);
                continue;
            }
            int end = at + finder.length(state);
            while (takingSpaceAfter.get(finder.token(state)) && end < limit && isSpace(text.charAt(end))) {
                end++;
            }
            int start = at;
            while (takingSpaceBefore.get(finder.token(state))
                    && start > 0
                    && !covered.get(start - 1)
                    && isSpace(text.charAt(start - 1))) {
                start--;
            }
            states[start] = state;
            starts.set(start);
            covered.set(start, end);
        }
        return fragments(text, states, starts, covered);
    }

    private void offer(LongHeap waiting, int state, int at) {
        if (state != 0) {
            waiting.add((long) ranks[finder.token(state)] << 32 | at);
        }
    }

    /** The longest piece, from that of a state on, which ends before a limit and is allowed; 0 for none. */
    private int fitting(int longest, int at, int limit, Permission permission) {
        int state = longest;
        while (state != 0
                && (finder.length(state) > limit - at
                        || !permission.allows(finder.token(state), at, at + finder.length(state)))) {
            state = finder.shorter(state);
        }
        return state;
    }

    private List<Fragment> fragments(String text, int[] states, BitSet starts, BitSet covered) {
        List<Fragment> fragments = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int to = covered.nextSetBit(from);
            if (to != from) {
                to = to < 0 ? text.length() : to;
                fragments.add(new Fragment(from, to, Fragment.TEXT));
            } else {
                int start = starts.nextSetBit(from + 1);
                int clear = covered.nextClearBit(from);
                to = start < 0 ? clear : Math.min(start, clear);
                fragments.add(new Fragment(from, to, finder.token(states[from])));
            }
            from = to;
        }
        return fragments;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
