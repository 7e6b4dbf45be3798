package dev.lathe.text.split;

import static dev.lathe.text.split.ScannedText.LETTER;
import static dev.lathe.text.split.ScannedText.NUMBER;
import static dev.lathe.text.split.ScannedText.OTHER;
import static dev.lathe.text.split.ScannedText.PUNCTUATION;
import static dev.lathe.text.split.ScannedText.SPACE;

/** What the two families of word patterns, {@link Gpt2Splitter} and {@link Cl100kSplitter}, have in common. */
final class WordSplitter {
    private WordSplitter() {}

    /** {@code 's|'t|'re|'ve|'m|'ll|'d} at {@code from}: where it ends, or {@code from} where there is none. */
    static int contractionEnd(ScannedText text, int from, int to, boolean anyCase) {
        if (text.codePoint(from) != '\'' || from + 1 == to) {
            return from;
        }
        int first = letter(text, from + 1, anyCase);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return from + 2;
        }
        if (from + 2 == to) {
            return from;
        }
        int second = letter(text, from + 2, anyCase);
        boolean found = first == 'r' && second == 'e' || first == 'v' && second == 'e' || first == 'l' && second == 'l';
        return found ? from + 3 : from;
    }

    private static int letter(ScannedText text, int index, boolean anyCase) {
        int codePoint = text.codePoint(index);
        return anyCase && codePoint >= 'A' && codePoint <= 'Z' ? codePoint + ('a' - 'A') : codePoint;
    }

    /** Where the run of one kind that begins at {@code from} ends. */
    static int runEnd(ScannedText text, int from, int to, byte kind) {
        int end = from;
        while (text.kind(end, to) == kind) {
            end++;
        }
        return end;
    }

    /** {@code [^\s\p{L}\p{N}]*} from {@code from}. */
    static int symbolsEnd(ScannedText text, int from, int to) {
        int end = from;
        while (isSymbol(text.kind(end, to))) {
            end++;
        }
        return end;
    }

    /** {@code [^\s\p{L}\p{N}]} */
    static boolean isSymbol(byte kind) {
        return kind == PUNCTUATION || kind == OTHER;
    }

    /** {@code \s+(?!\S)|\s+} at a space: a run leaves its last space to the word after it. */
    static int spacesEnd(ScannedText text, int from, int to) {
        int end = runEnd(text, from, to, SPACE);
        return end < to && end - from > 1 ? end - 1 : end;
    }

    static boolean isWordKind(byte kind) {
        return kind == LETTER || kind == NUMBER;
    }
}
