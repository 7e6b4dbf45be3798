package dev.lathe.model.family;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.RotaryOrder;

/** Arcee (AFM): as Llama with a squared ReLU and no gate. Arcee AI, "AFM-4.5B", 2025. */
final class Arcee implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).ungated(GateFunction.SQUARED_RELU));
    }
}
