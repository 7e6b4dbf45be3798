package dev.lathe;

import dev.lathe.model.CacheType;
import java.util.Objects;

/**
 * What a session holds. Immutable; each method named after a component returns changed options.
 *
 * @param contextLength the most tokens it can hold, prompt and answer together; 0 for the model's own context length
 * @param cacheType how keys and values are stored
 * @param promptBatchSize tokens of a prompt evaluated in one pass; progress is told in between, and cancelling looked
 *     at, which is between layers too
 */
public record SessionOptions(int contextLength, CacheType cacheType, int promptBatchSize) {
    /** The model's context length, exact keys and values, prompts in batches of 512. */
    public static final SessionOptions DEFAULT = new SessionOptions(0, CacheType.F32, 512);

    /** Checks each component. */
    public SessionOptions {
        Objects.requireNonNull(cacheType, "cacheType");
        if (contextLength < 0) {
            throw new IllegalArgumentException(
                    "contextLength is " + contextLength + ": expected at least 1, or 0 for the model's own");
        }
        if (promptBatchSize < 1) {
            throw new IllegalArgumentException("promptBatchSize is " + promptBatchSize + ": expected at least 1");
        }
    }

    /** With room for so many tokens. */
    public SessionOptions contextLength(int value) {
        return new SessionOptions(value, cacheType, promptBatchSize);
    }

    /** With keys and values stored this way. */
    public SessionOptions cacheType(CacheType value) {
        return new SessionOptions(contextLength, value, promptBatchSize);
    }

    /** With prompts evaluated so many tokens at a time. */
    public SessionOptions promptBatchSize(int value) {
        return new SessionOptions(contextLength, cacheType, value);
    }
}
