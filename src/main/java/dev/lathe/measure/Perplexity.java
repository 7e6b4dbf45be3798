package dev.lathe.measure;

import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;

/**
 * How well a model predicts a text: the exponential of the mean negative log likelihood of its scored tokens. 1 is
 * perfect; the size of the vocabulary is guessing.
 *
 * @param value the perplexity
 * @param error one standard error, from the spread of the tokens' losses
 * @param tokenCount scored tokens
 * @param windowCount windows of text
 */
public record Perplexity(double value, double error, int tokenCount, int windowCount) {
    /**
     * Measures a model on a text with an exact cache.
     *
     * @param tokens the whole text, tokenized once
     * @throws IllegalArgumentException if the text is shorter than a window or a window longer than the model's context
     */
    public static Perplexity of(LanguageModel model, int[] tokens, Windows windows) {
        return of(model, tokens, windows, CacheType.F32, Progress.NONE);
    }

    /**
     * Measures a model on a text.
     *
     * @param tokens the whole text, tokenized once
     * @param cacheType how keys and values are stored meanwhile
     * @throws IllegalArgumentException if the text is shorter than a window or a window longer than the model's context
     */
    public static Perplexity of(
            LanguageModel model, int[] tokens, Windows windows, CacheType cacheType, Progress progress) {
        int count = windows.count(tokens.length);
        LossSum losses = new LossSum();
        try (WindowReader reader = new WindowReader(model, tokens, windows, cacheType)) {
            for (int window = 0; window < count; window++) {
                reader.open(window);
                for (int from = 0; from < windows.scored(); from += WindowReader.SLICE) {
                    int rows = Math.min(WindowReader.SLICE, windows.scored() - from);
                    FloatMatrix logits = reader.logits(from, rows);
                    for (int row = 0; row < rows; row++) {
                        losses.add(-LogSoftmax.of(logits, row).of(reader.target(from + row)));
                    }
                }
                losses.endWindow();
                progress.window(window + 1, count, losses.perplexity().value());
            }
        }
        return losses.perplexity();
    }
}
