package dev.lathe.retrieval;

/** What is nearest. Scores are larger for what is nearer. */
public enum Similarity {
    /** The inner product of query and vector. */
    INNER_PRODUCT,
    /** The cosine of the angle between them: vectors are stored with length 1, and queries brought to it. */
    COSINE,
    /** Minus the square of their Euclidean distance, as 2 q x - |x|^2 - |q|^2. */
    EUCLIDEAN
}
