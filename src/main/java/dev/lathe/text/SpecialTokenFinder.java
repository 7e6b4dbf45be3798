package dev.lathe.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Cuts texts at tokens that are found as they are written, before any pre-tokenizing and merging. Where pieces overlap
 * the longer one wins. Immutable.
 */
final class SpecialTokenFinder {
    /** A stretch of the text, or a special token found in it. */
    record Fragment(int from, int to, int token) {
        static final int TEXT = -1;

        boolean isText() {
            return token == TEXT;
        }
    }

    /** A class of its own because a first lambda costs a cold start tens of milliseconds. */
    private static final Comparator<String> MOST_BYTES_FIRST = new Comparator<>() {
        @Override
        public int compare(String left, String right) {
            return Integer.compare(bytes(right), bytes(left));
        }

        private int bytes(String piece) {
            return piece.getBytes(StandardCharsets.UTF_8).length;
        }
    };

    private final Vocabulary vocabulary;

    /** Ascending: all pieces with one prefix are neighbours. */
    private final String[] pieces;

    /** The chars that pieces begin with. */
    private final BitSet firstChars = new BitSet();

    /** Whether whitespace after a token is taken with it. */
    private final BitSet stripping;

    /**
     * @param tokens what to look for
     * @param stripping the tokens that take the whitespace after them
     */
    SpecialTokenFinder(Vocabulary vocabulary, BitSet tokens, BitSet stripping) {
        this.vocabulary = vocabulary;
        this.stripping = stripping;
        String[] found = new String[tokens.cardinality()];
        int count = 0;
        for (int token = tokens.nextSetBit(0); token >= 0; token = tokens.nextSetBit(token + 1)) {
            String piece = vocabulary.piece(token);
            if (!piece.isEmpty()) {
                found[count++] = piece;
                firstChars.set(piece.charAt(0));
            }
        }
        this.pieces = Arrays.copyOf(found, count);
        Arrays.sort(pieces);
    }

    List<Fragment> split(String text) {
        List<Fragment> fragments = new ArrayList<>();
        if (!text.isEmpty()) {
            fragments.add(new Fragment(0, text.length(), Fragment.TEXT));
        }
        for (String piece : occurring(text)) {
            fragments = splitAt(piece, text, fragments);
        }
        return fragments;
    }

    private List<Fragment> splitAt(String piece, String text, List<Fragment> fragments) {
        int token = vocabulary.find(piece);
        List<Fragment> smaller = new ArrayList<>();
        for (Fragment fragment : fragments) {
            int from = fragment.from();
            int found = fragment.isText() ? text.indexOf(piece, from, fragment.to()) : -1;
            while (found >= 0) {
                if (found > from) {
                    smaller.add(new Fragment(from, found, Fragment.TEXT));
                }
                from = found + piece.length();
                smaller.add(new Fragment(found, from, token));
                while (stripping.get(token) && from < fragment.to() && isSpace(text.charAt(from))) {
                    from++;
                }
                found = text.indexOf(piece, from, fragment.to());
            }
            if (from < fragment.to()) {
                smaller.add(from == fragment.from() ? fragment : new Fragment(from, fragment.to(), Fragment.TEXT));
            }
        }
        return smaller;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    /** The pieces that occur in the text, those with most bytes first. */
    private List<String> occurring(String text) {
        BitSet found = new BitSet();
        for (int i = 0; i < text.length(); i++) {
            if (firstChars.get(text.charAt(i))) {
                addPrefixes(text, i, found);
            }
        }
        List<String> occurring = new ArrayList<>();
        for (int index = found.nextSetBit(0); index >= 0; index = found.nextSetBit(index + 1)) {
            occurring.add(pieces[index]);
        }
        occurring.sort(MOST_BYTES_FIRST);
        return occurring;
    }

    /** Adds the pieces that the text has at {@code start}, narrowing the sorted pieces char by char. */
    private void addPrefixes(String text, int start, BitSet found) {
        int low = 0;
        int high = pieces.length;
        for (int length = 0; low < high; length++) {
            if (pieces[low].length() == length) {
                found.set(low++);
            }
            if (start + length == text.length()) {
                return;
            }
            char c = text.charAt(start + length);
            low = firstFrom(low, high, length, c);
            high = firstFrom(low, high, length, c + 1);
        }
    }

    /** The first piece from {@code low} on whose char at {@code index} is at least {@code c}. */
    private int firstFrom(int low, int high, int index, int c) {
        int from = low;
        int to = high;
        while (from < to) {
            int middle = from + to >>> 1;
            if (pieces[middle].charAt(index) < c) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
