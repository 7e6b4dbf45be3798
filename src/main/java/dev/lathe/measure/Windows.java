package dev.lathe.measure;

import java.util.OptionalInt;

/**
 * How a long text is cut into windows, and which tokens of a window are scored: the last ones, which have seen enough
 * of the text before them. Immutable.
 *
 * @param context tokens in a window
 * @param step tokens from the start of a window to the start of the next
 * @param scored tokens scored at the end of each window
 * @param limit the most windows to take, from the start of the text
 * @param firstToken what replaces the first token of each window, for models that expect a text to begin so
 */
public record Windows(int context, int step, int scored, int limit, OptionalInt firstToken) {
    /** Checks that at least one token is scored and has a token before it. */
    public Windows {
        if (scored < 1 || scored >= context || step < 1 || limit < 1) {
            throw new IllegalArgumentException("windows of " + context + " tokens, " + scored + " scored, step " + step
                    + ", at most " + limit + ": expected 1 <= scored < context, a step and a limit of at least 1");
        }
    }

    /**
     * Windows side by side, each scored on its second half but the token in the middle: with 512 tokens, on the last
     * 255. This is how llama.cpp's perplexity tool counts.
     *
     * @throws IllegalArgumentException if the context is less than 3
     */
    public static Windows of(int context) {
        return new Windows(context, context, context - 1 - context / 2, Integer.MAX_VALUE, OptionalInt.empty());
    }

    /** Overlapping windows, {@code stride} tokens apart, so that every later token is scored exactly once. */
    public Windows stride(int stride) {
        return new Windows(context, stride, stride, limit, firstToken);
    }

    /** At most this many windows. */
    public Windows limit(int windows) {
        return new Windows(context, step, scored, windows, firstToken);
    }

    /** Replaces the first token of each window, usually by the token that begins a text. */
    public Windows beginningWith(int token) {
        return new Windows(context, step, scored, limit, OptionalInt.of(token));
    }

    /**
     * How many windows a text gives.
     *
     * @throws IllegalArgumentException if it is shorter than one
     */
    public int count(int tokenCount) {
        if (tokenCount < context) {
            throw new IllegalArgumentException("the text has " + tokenCount + " tokens, one window needs " + context
                    + ": give a longer text or a smaller context");
        }
        return Math.min(limit, (tokenCount - context) / step + 1);
    }
}
