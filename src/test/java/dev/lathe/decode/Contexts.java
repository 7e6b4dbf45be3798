package dev.lathe.decode;

import dev.lathe.decode.guard.GuardedText;
import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import java.util.Arrays;
import java.util.function.LongSupplier;

/** What strategies and drafts see, without a loop around them. */
public final class Contexts {
    private Contexts() {}

    /** A generation that is not constrained, never cancelled and notes no probabilities. */
    public static DecodingContext of(
            LanguageModel model, EvaluatedText text, Sampler sampler, long seed, int maxTokens, LongSupplier nanoTime) {
        return new DecodingContext(
                model,
                text,
                sampler,
                seed,
                maxTokens,
                GenerationOptions.NO_LOG_PROBABILITIES,
                () -> false,
                nanoTime,
                ConstrainedText.free(),
                GuardedText.free());
    }

    /** The same on a clock that stands still. */
    public static DecodingContext of(
            LanguageModel model, EvaluatedText text, Sampler sampler, long seed, int maxTokens) {
        return of(model, text, sampler, seed, maxTokens, () -> 0);
    }

    /** A text of these tokens, the last one pending. */
    public static EvaluatedText text(LanguageModel model, int capacity, int... tokens) {
        return begin(new EvaluatedText(model.newState(capacity, CacheType.F32), 8), tokens);
    }

    /** The text, begun anew with these tokens, the last one pending. */
    public static EvaluatedText begin(EvaluatedText text, int... tokens) {
        text.truncate(0);
        int last = tokens.length - 1;
        if (last > 0) {
            text.evaluate(Arrays.copyOf(tokens, last));
        }
        text.append(tokens[last]);
        return text;
    }
}
