package dev.lathe.model.config;

/** How queries and keys are normed before they rotate. */
public enum HeadNorm {
    /** Not at all. */
    NONE,
    /** Each head for itself, all with the same gain. */
    EACH_HEAD,
    /** All heads of a position together. */
    WHOLE_ROW
}
