package dev.lathe.model.config;

/** What the norms of the residual stream compute. */
public enum NormKind {
    /** Root mean square norms: a gain. */
    ROOT_MEAN_SQUARE,
    /** Layer norms: the mean is subtracted; a gain and a shift. */
    LAYER,
    /** Layer norms without a shift. */
    LAYER_WITHOUT_SHIFT,
    /** Layer norms without gain and shift. */
    LAYER_WITHOUT_WEIGHTS;

    /** Whether the mean is subtracted. */
    public boolean isLayerNorm() {
        return this != ROOT_MEAN_SQUARE;
    }
}
