package dev.lathe.text.split;

import static dev.lathe.text.split.ScannedText.SPACE;

/** Sets runs of some characters apart from what is around them: {@code \s?[...]{least,most}}. */
final class RunSplitter implements Splitter {
    private final CharacterClass characters;
    private final int least;
    private final int most;
    private final boolean takesSpace;

    private RunSplitter(CharacterClass characters, int least, int most, boolean takesSpace) {
        this.characters = characters;
        this.least = least;
        this.most = most;
        this.takesSpace = takesSpace;
    }

    /** {@code [...]{length}} */
    static RunSplitter each(int length, CharacterClass characters) {
        return new RunSplitter(characters, length, length, false);
    }

    /** {@code [...]+} */
    static RunSplitter runs(CharacterClass characters) {
        return new RunSplitter(characters, 1, Integer.MAX_VALUE, false);
    }

    /** {@code \s?[...]+} */
    static RunSplitter runsWithSpace(CharacterClass characters) {
        return new RunSplitter(characters, 1, Integer.MAX_VALUE, true);
    }

    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        int match = matchEnd(text, from, to);
        if (match > from) {
            return match;
        }
        int start = from + 1;
        while (start < to && matchEnd(text, start, to) == start) {
            start++;
        }
        return start;
    }

    /** Where a run that begins here ends, or {@code from} where none does. */
    private int matchEnd(ScannedText text, int from, int to) {
        boolean space = takesSpace && text.kind(from) == SPACE && from + 1 < to && contains(text, from + 1);
        int start = space ? from + 1 : from;
        int limit = (int) Math.min(to, (long) start + most);
        int end = start;
        while (end < limit && contains(text, end)) {
            end++;
        }
        return end - start >= least ? end : from;
    }

    private boolean contains(ScannedText text, int index) {
        return characters.contains(text.codePoint(index), text.kind(index));
    }
}
