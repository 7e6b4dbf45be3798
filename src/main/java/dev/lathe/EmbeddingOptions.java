package dev.lathe;

import dev.lathe.model.config.Pooling;
import java.util.Objects;
import java.util.Optional;

/**
 * How texts become vectors. Immutable; each method named after a component returns changed options.
 *
 * @param prompt put before each text, as some models were trained with: {@code "query: "}, {@code "search_document: "};
 *     the model's card says which
 * @param pooling how a vector is made of a text's rows; empty for the model's own way
 * @param normalized whether vectors get the length 1, so that their dot product is their cosine
 * @param truncated whether the end of a text is cut off that is longer than the model was made for; otherwise such a
 *     text is an error
 */
public record EmbeddingOptions(String prompt, Optional<Pooling> pooling, boolean normalized, boolean truncated) {
    /** No prompt, the model's own pooling, vectors of length 1, no text cut. */
    public static final EmbeddingOptions DEFAULT = new EmbeddingOptions("", Optional.empty(), true, false);

    /** Checks each component. */
    public EmbeddingOptions {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(pooling, "pooling");
        if (pooling.filter(kind -> kind == Pooling.NONE || kind == Pooling.RANK).isPresent()) {
            throw new IllegalArgumentException(
                    "pooling is " + pooling.get() + ": expected MEAN, FIRST or LAST, which make vectors");
        }
    }

    /** With a prompt before each text. */
    public EmbeddingOptions prompt(String value) {
        return new EmbeddingOptions(value, pooling, normalized, truncated);
    }

    /** With vectors made this way. */
    public EmbeddingOptions pooling(Pooling value) {
        return new EmbeddingOptions(prompt, Optional.of(value), normalized, truncated);
    }

    /** With vectors of length 1, or as they come. */
    public EmbeddingOptions normalized(boolean value) {
        return new EmbeddingOptions(prompt, pooling, value, truncated);
    }

    /** With long texts cut, or refused. */
    public EmbeddingOptions truncated(boolean value) {
        return new EmbeddingOptions(prompt, pooling, normalized, value);
    }
}
