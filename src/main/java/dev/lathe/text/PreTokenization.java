package dev.lathe.text;

import dev.lathe.text.split.IntList;
import dev.lathe.text.split.PreTokenizer;
import dev.lathe.text.split.ScannedText;
import dev.lathe.text.split.Splitter;
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
    /** That of a GGUF file, which changes no text. */
    static PreTokenization of(PreTokenizer preTokenizer) {
        return new PreTokenization((text, begins) -> text, preTokenizer.steps(), preTokenizer.takesWholeWords());
    }

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
