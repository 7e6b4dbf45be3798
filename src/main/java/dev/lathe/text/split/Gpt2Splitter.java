package dev.lathe.text.split;

import static dev.lathe.text.split.ScannedText.SPACE;

/** GPT-2's pattern: {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}. */
final class Gpt2Splitter implements Splitter {
    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        int contraction = WordSplitter.contractionEnd(text, from, to, false);
        if (contraction > from) {
            return contraction;
        }
        int word = text.codePoint(from) == ' ' && from + 1 < to ? from + 1 : from;
        byte kind = text.kind(word);
        if (WordSplitter.isWordKind(kind)) {
            return WordSplitter.runEnd(text, word, to, kind);
        }
        if (kind != SPACE) {
            return WordSplitter.symbolsEnd(text, word, to);
        }
        return WordSplitter.spacesEnd(text, from, to);
    }
}
