package dev.lathe.model.config;

/** How the vector of a text is made of the rows of its tokens. */
public enum Pooling {
    /** Not at all: the model was made for logits. */
    NONE,
    /** The mean of all rows. */
    MEAN,
    /** The first token's row, such as that of {@code [CLS]}. */
    FIRST,
    /** The last token's row. */
    LAST,
    /** A classification head scores how well two texts fit each other. */
    RANK
}
