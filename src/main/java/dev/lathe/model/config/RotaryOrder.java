package dev.lathe.model.config;

/** Which elements of a head rotate together. */
public enum RotaryOrder {
    /** (2i, 2i + 1), as GGUF files permute the heads of Llama. */
    PAIRS,
    /** (i, i + half of the rotated dimensions). */
    HALVES
}
