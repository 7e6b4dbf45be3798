package dev.lathe.text.split;

import static dev.lathe.text.split.ScannedText.LETTER;
import static dev.lathe.text.split.ScannedText.NUMBER;
import static dev.lathe.text.split.ScannedText.SPACE;

/**
 * The pattern of cl100k and of those after it, {@code D} being the most digits of a piece:
 * {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,D}| ?[^\s\p{L}\p{N}]+[\r\n]*} and then
 * {@code |\s*[\r\n]+|\s+(?!\S)|\s+}.
 */
final class Cl100kSplitter implements Splitter {
    private final int mostDigits;

    Cl100kSplitter(int mostDigits) {
        this.mostDigits = mostDigits;
    }

    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        int contraction = WordSplitter.contractionEnd(text, from, to, true);
        if (contraction > from) {
            return contraction;
        }
        byte kind = text.kind(from);
        if (kind == LETTER || kind != NUMBER && text.kind(from + 1, to) == LETTER && !text.isNewline(from, to)) {
            return WordSplitter.runEnd(text, from + 1, to, LETTER);
        }
        if (kind == NUMBER) {
            return WordSplitter.runEnd(text, from, Math.min(to, from + mostDigits), NUMBER);
        }
        int symbols = text.codePoint(from) == ' ' ? from + 1 : from;
        if (WordSplitter.isSymbol(text.kind(symbols, to))) {
            return newlinesEnd(text, WordSplitter.symbolsEnd(text, symbols, to), to);
        }
        int spaces = WordSplitter.runEnd(text, from, to, SPACE);
        for (int end = spaces; end > from; end--) {
            if (text.isNewline(end - 1, to)) {
                return end;
            }
        }
        return WordSplitter.spacesEnd(text, from, to);
    }

    private static int newlinesEnd(ScannedText text, int from, int to) {
        int end = from;
        while (text.isNewline(end, to)) {
            end++;
        }
        return end;
    }
}
