package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;

/** Sees the inputs of a block's linear layers while it runs. */
@FunctionalInterface
public interface ActivationObserver {
    /** Sees nothing. */
    ActivationObserver NONE = (site, expert, rows) -> {};

    /**
     * Called on the thread that runs the block, once a site for each pass of rows, in the order of the text; at a site of
     * experts once for each expert that a token of the pass chose.
     *
     * @param expert whose rows they are; 0 at other sites
     * @param rows [tokens x inputs of the layer]; valid during the call, not to be changed
     */
    void observe(ActivationSite site, int expert, FloatMatrix rows);
}
