package dev.lathe.text.split;

/**
 * Cuts runs of digits into groups of three from their end, so that only the first group may be shorter: {@code
 * (?=(\d{3})+(?!\d))} between the digits, or {@code \d{1,3}(?=(?:\d{3})*\b)}.
 */
public final class DigitGroupSplitter implements Splitter {
    // A run of digits must not be cut by an earlier step.

    /** Whether only runs at whose end a word ends are cut. */
    private final boolean wholeWords;

    /** @param wholeWords whether only runs at whose end a word ends are cut */
    public DigitGroupSplitter(boolean wholeWords) {
        this.wholeWords = wholeWords;
    }

    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        if (from > 0 && isDigit(text, from) && isDigit(text, from - 1)) {
            return from + 3; // The run is cut already; only its first group may be shorter.
        }
        int start = from;
        int end = digitsEnd(text, start, to);
        while (start < to && (end == start || wholeWords && isWord(text, end, to))) {
            start = Math.max(end, start + 1);
            end = digitsEnd(text, start, to);
        }
        if (start > from) {
            return start;
        }
        int first = (end - start) % 3;
        return start + (first == 0 ? 3 : first);
    }

    private static int digitsEnd(ScannedText text, int from, int to) {
        int end = from;
        while (end < to && isDigit(text, end)) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(ScannedText text, int index) {
        return Character.isDigit(text.codePoint(index));
    }

    private static boolean isWord(ScannedText text, int index, int to) {
        return index < to
                && (text.codePoint(index) == '_'
                        || text.kind(index) == ScannedText.LETTER
                        || text.kind(index) == ScannedText.NUMBER
                        || Character.getType(text.codePoint(index)) == Character.NON_SPACING_MARK
                        || Character.getType(text.codePoint(index)) == Character.COMBINING_SPACING_MARK);
    }
}
