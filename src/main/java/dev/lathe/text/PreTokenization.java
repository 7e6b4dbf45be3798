package dev.lathe.text;

import java.util.function.Consumer;

/**
 * What is done to a stretch of text before its words are merged.
 *
 * @param normalizer what changes the text
 * @param steps what cuts it into words, each applied to all pieces of the one before
 * @param takesWholeWords whether a word that is a token as a whole becomes that token even where merges would lead
 *     elsewhere
 */
record PreTokenization(TextNormalizer normalizer, Splitter[] steps, boolean takesWholeWords) {
    /** The words of a stretch, in order; the stretch as one word where nothing cuts it. */
    void forEachWord(String text, boolean begins, Consumer<String> action) {
        String normalized = normalizer.normalize(text, begins);
        if (steps.length == 0) {
            action.accept(normalized);
            return;
        }
        ScannedText scanned = new ScannedText(normalized);
        IntList ends = Splitter.split(scanned, steps);
        int from = 0;
        for (int i = 0; i < ends.size(); i++) {
            int to = scanned.charIndex(ends.get(i));
            action.accept(normalized.substring(from, to));
            from = to;
        }
    }
}
