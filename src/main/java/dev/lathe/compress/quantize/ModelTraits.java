package dev.lathe.compress.quantize;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.Workers;

/**
 * What the rules of mixes ask about a model.
 *
 * @param layerCount decoder layers
 * @param queriesPerKey heads of queries that share one head of keys and values, in the first layer
 * @param tied whether the embedding is the head too
 * @param expertCount experts of a layer, 0 for none
 * @param weighted whether importances are known
 */
record ModelTraits(int layerCount, int queriesPerKey, boolean tied, int expertCount, boolean weighted) {
    private static final int LAYERS_OF_70_BILLION = 80;

    static ModelTraits of(TensorSource source, boolean weighted) {
        ModelConfig config = LayerwiseModel.of(source, Workers.single()).config();
        return new ModelTraits(
                config.layers().size(),
                config.layers().getFirst().groupSize(),
                source.tensor(TensorRole.HEAD.weight()).isEmpty(),
                config.layers()
                        .getLast()
                        .feedForward()
                        .experts()
                        .map(ExpertsConfig::count)
                        .orElse(0),
                weighted);
    }

    /** Whether small matrices of values serve so many queries that bits for them are cheap. */
    boolean sharesValues() {
        return queriesPerKey >= 4;
    }

    /** The family of 70 billion parameters, whose values are shared by eight heads of queries. */
    boolean isOf70Billion() {
        return layerCount == LAYERS_OF_70_BILLION && queriesPerKey > 1;
    }

    /** Whether a layer is in the first part of all layers. */
    boolean isInFirst(int part, int layer) {
        return layer < layerCount / part;
    }

    /** Whether a layer is among the first and last eighth, or each third between them. */
    boolean deservesMoreBits(int layer) {
        return layer < layerCount / 8 || layer >= 7 * layerCount / 8 || (layer - layerCount / 8) % 3 == 2;
    }
}
