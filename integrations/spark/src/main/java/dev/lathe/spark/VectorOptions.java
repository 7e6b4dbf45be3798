package dev.lathe.spark;

import dev.lathe.EmbeddingOptions;
import dev.lathe.model.config.Pooling;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;

/**
 * How texts of rows become vectors, as {@link EmbeddingOptions} has it. Immutable; each method named after a component returns
 * changed options.
 *
 * @param prompt put before each text
 * @param pooling how a vector is made of a text's rows; null for the model's own way
 * @param normalized whether vectors get the length 1
 * @param truncated whether the end of a text is cut off that is longer than the model was made for; otherwise such a text
 *     ends the job
 */
public record VectorOptions(String prompt, Pooling pooling, boolean normalized, boolean truncated)
        implements Serializable {
    /** No prompt, the model's own pooling, vectors of length 1, no text cut. */
    public static final VectorOptions DEFAULT = new VectorOptions("", null, true, false);

    /** Checks the components on the driver. */
    public VectorOptions {
        Objects.requireNonNull(prompt, "prompt");
        embedding(prompt, pooling, normalized, truncated);
    }

    /** With a prompt before each text. */
    public VectorOptions prompt(String value) {
        return new VectorOptions(value, pooling, normalized, truncated);
    }

    /** With vectors made this way. */
    public VectorOptions pooling(Pooling value) {
        return new VectorOptions(prompt, value, normalized, truncated);
    }

    /** With vectors of length 1, or as they come. */
    public VectorOptions normalized(boolean value) {
        return new VectorOptions(prompt, pooling, value, truncated);
    }

    /** With long texts cut, or refused. */
    public VectorOptions truncated(boolean value) {
        return new VectorOptions(prompt, pooling, normalized, value);
    }

    EmbeddingOptions embedding() {
        return embedding(prompt, pooling, normalized, truncated);
    }

    private static EmbeddingOptions embedding(String prompt, Pooling pooling, boolean normalized, boolean truncated) {
        return new EmbeddingOptions(prompt, Optional.ofNullable(pooling), normalized, truncated);
    }
}
