package dev.lathe.model.family.gpt;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Jais 2: layer norms, squared ReLU without a gate, biases, halves rotate. Inception, MBZUAI and Cerebras, "Jais 2", 2025. */
final class Jais2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).ungated(GateFunction.SQUARED_RELU))
                .norms(NormKind.LAYER);
    }
}
