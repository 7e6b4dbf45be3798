package dev.lathe.measure;

import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;

/**
 * How far a model's predictions are from those of the model it was made of, over the scored tokens of a text.
 *
 * @param base the base model's perplexity
 * @param model the measured model's perplexity
 * @param mean mean Kullback-Leibler divergence of the model's distribution from the base model's, in nats
 * @param quantile99 the divergence that 99% of the tokens stay below
 * @param topAgreement share of tokens at which both find the same token most probable
 */
public record Divergence(Perplexity base, Perplexity model, double mean, double quantile99, double topAgreement) {
    /**
     * Measures both models on the same windows.
     *
     * @param base the model to be faithful to; same vocabulary as {@code model}
     * @param tokens the whole text, tokenized once
     * @param cacheType how the measured model's keys and values are stored; the base model's are exact
     * @throws IllegalArgumentException if the vocabularies differ in size, the text is shorter than a window or a
     *     window longer than a model's context
     */
    public static Divergence between(
            LanguageModel base,
            LanguageModel model,
            int[] tokens,
            Windows windows,
            CacheType cacheType,
            Progress progress) {
        if (base.vocabularySize() != model.vocabularySize()) {
            throw new IllegalArgumentException("the model has " + model.vocabularySize() + " tokens, its base "
                    + base.vocabularySize() + ": only models of one vocabulary can be compared");
        }
        int count = windows.count(tokens.length);
        double[] divergences = new double[Math.multiplyExact(count, windows.scored())];
        int measured = 0;
        int agreements = 0;
        LossSum baseLosses = new LossSum();
        LossSum losses = new LossSum();
        try (WindowReader baseReader = new WindowReader(base, tokens, windows, CacheType.F32);
                WindowReader reader = new WindowReader(model, tokens, windows, cacheType)) {
            for (int window = 0; window < count; window++) {
                baseReader.open(window);
                reader.open(window);
                for (int from = 0; from < windows.scored(); from += WindowReader.SLICE) {
                    int rows = Math.min(WindowReader.SLICE, windows.scored() - from);
                    FloatMatrix baseLogits = baseReader.logits(from, rows);
                    FloatMatrix logits = reader.logits(from, rows);
                    for (int row = 0; row < rows; row++) {
                        LogSoftmax expected = LogSoftmax.of(baseLogits, row);
                        LogSoftmax actual = LogSoftmax.of(logits, row);
                        int target = reader.target(from + row);
                        baseLosses.add(-expected.of(target));
                        losses.add(-actual.of(target));
                        divergences[measured++] = expected.divergence(actual);
                        agreements += expected.top() == actual.top() ? 1 : 0;
                    }
                }
                baseLosses.endWindow();
                losses.endWindow();
                progress.window(window + 1, count, losses.perplexity().value());
            }
        }
        double sum = 0;
        for (double divergence : divergences) {
            sum += divergence;
        }
        return new Divergence(
                baseLosses.perplexity(),
                losses.perplexity(),
                sum / measured,
                quantile(divergences, 0.99),
                (double) agreements / measured);
    }

    /** The value below which a fraction lies, interpolated between neighbours. */
    static double quantile(double[] values, double fraction) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = fraction * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
