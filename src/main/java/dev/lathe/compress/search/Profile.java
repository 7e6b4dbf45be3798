package dev.lathe.compress.search;

import java.util.List;

/**
 * What the variants of one part of a model cost: a sub-network of its own, measured on its own cached inputs.
 *
 * @param part the part
 * @param variants what can be done with it
 * @param bytes of the part's tensors, by variant
 * @param seconds for one token, by variant
 * @param damage nats by which the model's predictions move, by variant
 */
record Profile(Part part, List<Variant> variants, double[] bytes, double[] seconds, double[] damage) {
    /**
     * A part of a model.
     *
     * @param kind what it is
     * @param layer where; 0 for the table
     */
    record Part(Kind kind, int layer) {}

    /** Kinds of parts. */
    enum Kind {
        /** The attention of a layer. */
        ATTENTION,
        /** The feed-forward part of a layer. */
        FEED_FORWARD,
        /** Token embedding and head. */
        TABLE
    }
}
