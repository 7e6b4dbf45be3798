package dev.lathe.model.family.card;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import java.util.function.IntFunction;

/**
 * What a family says of a model. Immutable.
 *
 * @param norms what the norms of the residual stream compute
 * @param ends what happens to embeddings and logits
 * @param residualScale factor of what each half of a layer adds
 * @param layers makes the layer of a number
 */
public record Description(
        NormKind norms, EndsConfig ends, float residualScale, IntFunction<LayerConfig.Builder> layers) {
    /** Root mean square norms; layers as given. */
    public static Description of(IntFunction<LayerConfig.Builder> layers) {
        return new Description(NormKind.ROOT_MEAN_SQUARE, EndsConfig.PLAIN, 1, layers);
    }

    /** With other norms. */
    public Description norms(NormKind kind) {
        return new Description(kind, ends, residualScale, layers);
    }

    /** With something done to embeddings or logits. */
    public Description ends(EndsConfig config) {
        return new Description(norms, config, residualScale, layers);
    }

    /** With a factor of what each half of a layer adds. */
    public Description residualScale(double factor) {
        return new Description(norms, ends, (float) factor, layers);
    }
}
