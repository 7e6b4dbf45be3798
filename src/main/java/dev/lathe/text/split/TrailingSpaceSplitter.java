package dev.lathe.text.split;

import static dev.lathe.text.split.ScannedText.SPACE;

/** Sets the spaces at a piece's end apart: {@code \s+$}. */
final class TrailingSpaceSplitter implements Splitter {
    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        int spaces = to;
        while (spaces > from && text.kind(spaces - 1) == SPACE) {
            spaces--;
        }
        return spaces == from ? to : spaces;
    }
}
