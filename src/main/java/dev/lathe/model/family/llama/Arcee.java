package dev.lathe.model.family.llama;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Arcee (AFM): as Llama with a squared ReLU and no gate. Arcee AI, "AFM-4.5B", 2025. */
final class Arcee implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).ungated(GateFunction.SQUARED_RELU));
    }
}
