package dev.lathe.model;

/** Where in a block linear layers read their input. */
public enum ActivationSite {
    /** The normed hidden row, read by query, key and value. */
    ATTENTION,
    /** What the heads gathered, read by the attention's output layer. */
    ATTENTION_OUTPUT,
    /** The normed hidden row, read by gate and up. */
    FEED_FORWARD,
    /** The gated inner row, read by down. */
    FEED_FORWARD_DOWN
}
