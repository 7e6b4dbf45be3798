package dev.lathe.model.config;

/**
 * How a reranker's head makes a score of a text's rows.
 *
 * @param pooling how they become one row: the first, the last or the mean
 * @param activation what follows the head's first layer, where it has one
 */
public record ClassifierConfig(Pooling pooling, Activation activation) {
    /** BERT's: the hyperbolic tangent of the first row. */
    public static final ClassifierConfig PLAIN = new ClassifierConfig(Pooling.FIRST, Activation.TANH);

    /** Checks that there is a row. */
    public ClassifierConfig {
        if (pooling == Pooling.NONE || pooling == Pooling.RANK) {
            throw new IllegalArgumentException(
                    "pooling before a classification head is " + pooling + ", expected MEAN, FIRST or LAST");
        }
    }

    /** A function of each number. */
    public enum Activation {
        /** The hyperbolic tangent. */
        TANH,
        /** The exact GELU: {@code x/2 (1 + erf(x / sqrt(2)))}. */
        GELU
    }
}
