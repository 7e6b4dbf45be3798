package dev.lathe.model.family.gpt;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Nemotron 4 and Minitron: layer norms, squared ReLU without a gate, a part of each head rotates. Parmar et al.,
 * "Nemotron-4 15B Technical Report", 2024, arXiv 2402.16819.
 */
final class Nemotron implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).ungated(GateFunction.SQUARED_RELU))
                .norms(NormKind.LAYER);
    }
}
