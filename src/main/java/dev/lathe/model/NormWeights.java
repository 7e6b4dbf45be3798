package dev.lathe.model;

/**
 * A norm's weights. Immutable: the arrays are not copied and must not be changed.
 *
 * @param gain what normed rows are multiplied with, [hidden]; empty where the model has no such norm
 * @param shift what is added then, [hidden], by layer norms; empty for root mean square norms
 */
public record NormWeights(float[] gain, float[] shift) {
    /** No norm. */
    public static final NormWeights ABSENT = new NormWeights(WeightGroup.NONE);

    /** Weights of a root mean square norm. */
    public NormWeights(float[] gain) {
        this(gain, WeightGroup.NONE);
    }
}
