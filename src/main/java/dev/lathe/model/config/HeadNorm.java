package dev.lathe.model.config;

/** How queries and keys are normed, before they rotate if nothing else is said. */
public enum HeadNorm {
    /** Not at all. */
    NONE,
    /** Each head for itself, all with the same gain. */
    EACH_HEAD,
    /** The same where the file has gains; else not at all. */
    EACH_HEAD_WITH_GAINS,
    /** Each head for itself, all with the same gain, after they rotated. */
    EACH_ROTATED_HEAD,
    /** Each head for itself, without a gain, after they rotated. */
    EACH_ROTATED_HEAD_WITHOUT_GAIN,
    /** Each head for itself by a layer norm with a gain of its own, where the file has gains; else not at all. */
    OWN_GAINS,
    /** All heads of a position together. */
    WHOLE_ROW;

    /** Whether queries and keys rotate before they are normed. */
    public boolean isAfterRotation() {
        return this == EACH_ROTATED_HEAD || this == EACH_ROTATED_HEAD_WITHOUT_GAIN;
    }
}
