package dev.lathe.model.family;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;

/** Jais 2: layer norms, squared ReLU without a gate, biases, halves rotate. Inception, MBZUAI and Cerebras, "Jais 2", 2025. */
final class Jais2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).ungated(GateFunction.SQUARED_RELU))
                .norms(NormKind.LAYER);
    }
}
