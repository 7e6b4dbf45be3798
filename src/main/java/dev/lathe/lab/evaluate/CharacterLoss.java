package dev.lathe.lab.evaluate;

import dev.lathe.measure.Perplexity;
import dev.lathe.text.Tokenizer;
import java.util.Locale;

/**
 * How well a model predicts a text, by the text's characters instead of its own tokens, so that models with different
 * tokenizers compare: loss a token times tokens a character.
 *
 * <p>Stanić et al.: The Languini Kitchen, 2023, arXiv:2309.11197, section 3 (normalised perplexity).
 *
 * @param nats loss a character, in nats
 */
public record CharacterLoss(double nats) {
    /**
     * From a perplexity by tokens, for a text whose scored part has as many characters a token as the whole.
     *
     * @param text the text that was scored
     * @param tokens number of tokens that the model's tokenizer gives for it
     */
    public static CharacterLoss of(Perplexity perplexity, String text, int tokens) {
        long characters = text.codePoints().count();
        if (characters == 0 || tokens < 1) {
            throw new IllegalArgumentException(
                    characters + " characters in " + tokens + " tokens: expected a text that is not empty");
        }
        return new CharacterLoss(StrictMath.log(perplexity.value()) * tokens / characters);
    }

    /** The same; the tokenizer counts. */
    public static CharacterLoss of(Perplexity perplexity, String text, Tokenizer tokenizer) {
        return of(perplexity, text, tokenizer.encode(text, false, false).length);
    }

    /** Perplexity a character. */
    public double perplexity() {
        return StrictMath.exp(nats);
    }

    /** Bits a character. */
    public double bits() {
        return nats / StrictMath.log(2);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4f bits a character", bits());
    }
}
