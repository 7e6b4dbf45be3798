package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;

/** Sees the inputs of a block's linear layers while it runs. */
@FunctionalInterface
public interface ActivationObserver {
    /** Sees nothing. */
    ActivationObserver NONE = (site, rows) -> {};

    /**
     * Called on the thread that runs the block, once a site for each pass of rows, in the order of the text.
     *
     * @param rows [tokens x inputs of the layer]; valid during the call, not to be changed
     */
    void observe(ActivationSite site, FloatMatrix rows);
}
