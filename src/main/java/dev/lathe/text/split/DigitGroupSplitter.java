package dev.lathe.text.split;

/**
 * Cuts runs of digits into groups of three from their end, so that only the first group may be shorter. Runs are set apart
 * from what is around them, or only cut inside.
 */
public final class DigitGroupSplitter implements Splitter {
    // A run of digits must not be cut by an earlier step.

    /** Which expression is meant. */
    public enum Kind {
        /** {@code \d{1,3}(?=(?:\d{3})*(?!\d))}: groups are pieces. */
        GROUPS,
        /** {@code \d{1,3}(?=(?:\d{3})*\b)}: groups are pieces where a word ends after them. */
        GROUPS_OF_WORDS,
        /** {@code (?=(\d{3})+(?!\d))}: cuts before groups, which leaves what is around a run with it. */
        BEFORE_GROUPS
    }

    private final Kind kind;

    /** One of the kinds. */
    public DigitGroupSplitter(Kind kind) {
        this.kind = kind;
    }

    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        boolean inRun = from > 0 && isDigit(text, from) && isDigit(text, from - 1);
        if (kind == Kind.BEFORE_GROUPS) {
            return nextGroup(text, from, to, inRun);
        }
        if (inRun) {
            return from + 3; // The run is cut already; only its first group may be shorter.
        }
        int start = from;
        int end = digitsEnd(text, start, to);
        while (start < to && (end == start || kind == Kind.GROUPS_OF_WORDS && isWord(text, end, to))) {
            start = Math.max(end, start + 1);
            end = digitsEnd(text, start, to);
        }
        if (start > from) {
            return start;
        }
        int first = (end - start) % 3;
        return start + (first == 0 ? 3 : first);
    }

    /** The first place after {@code from} where a whole number of groups begins. */
    private static int nextGroup(ScannedText text, int from, int to, boolean inRun) {
        int start = inRun ? from + 3 : from;
        if (inRun && start < to && isDigit(text, start)) {
            return start;
        }
        while (start < to) {
            int end = digitsEnd(text, start, to);
            int group = start + (end - start) % 3;
            group += group == from ? 3 : 0;
            if (group < end) {
                return group;
            }
            start = Math.max(end, start + 1);
        }
        return to;
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
