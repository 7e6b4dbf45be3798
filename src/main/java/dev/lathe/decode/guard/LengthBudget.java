package dev.lathe.decode.guard;

/**
 * How long an answer may be. From the soft limit on, the logits of the tokens that end a text grow by a ramp, so that
 * the model finds an end of its own; at the hard limit the answer ends with {@code LENGTH_BUDGET}. Tokens before the
 * soft limit are those without a budget.
 *
 * @param softTokens generated tokens before the ramp begins, at least 0
 * @param hardTokens the most generated tokens, above {@code softTokens}
 * @param steepness what is added to the logits of the end tokens at the hard limit, at least 0; 0 for no ramp
 */
public record LengthBudget(int softTokens, int hardTokens, float steepness) {
    private static final float STEEP = 20; // an end token as improbable as exp(-20) becomes likely

    /** Checks each component. */
    public LengthBudget {
        if (softTokens < 0 || hardTokens <= softTokens) {
            throw new IllegalArgumentException("length budget of " + softTokens + " tokens, at most " + hardTokens
                    + ": expected a soft limit of at least 0 and a hard limit above it");
        }
        if (!(steepness >= 0 && steepness < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "steepness is " + steepness + ": expected a finite number of at least 0");
        }
    }

    /** A budget with a ramp of 20, which brings nearly every text to its end before the hard limit. */
    public static LengthBudget of(int softTokens, int hardTokens) {
        return new LengthBudget(softTokens, hardTokens, STEEP);
    }

    /**
     * What is added to the logits of the end tokens.
     *
     * @param index of the next token among the generated ones
     */
    public float bias(int index) {
        return index <= softTokens ? 0 : steepness * (index - softTokens) / (hardTokens - softTokens);
    }
}
