package dev.lathe.model.family.llama;

import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** ERNIE 4.5 without experts: as Llama, its rows in pairs from the start. Baidu, "ERNIE 4.5 Technical Report", 2025. */
final class Ernie45 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS));
    }
}
