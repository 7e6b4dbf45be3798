package dev.lathe.decode.exit;

/** Where later tokens find the keys and values that a token which left early has not got. */
public enum SkippedLayers {
    /**
     * Where a later token goes deeper, it takes the earlier ones along, in one pass: keys and values are always those
     * of plain evaluation, and only the choice of a token that left early is approximate. Costs most of the layers
     * after all, though several rows at a time.
     */
    COMPLETED_LATER,
    /**
     * The layers skipped write keys and values of the residual stream that the token left with. Saves their other work
     * for good, but all later tokens see approximate keys and values.
     */
    PROPAGATED
}
