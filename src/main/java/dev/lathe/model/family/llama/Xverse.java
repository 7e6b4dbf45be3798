package dev.lathe.model.family.llama;

import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** XVERSE 7B, 13B and 65B: as Llama. Shenzhen Yuanxiang Technology, "XVERSE-13B", 2023. */
final class Xverse implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS));
    }
}
