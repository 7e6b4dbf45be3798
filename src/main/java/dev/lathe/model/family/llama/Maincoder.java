package dev.lathe.model.family.llama;

import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Maincoder 1B: as Llama, with heads that are normed after they rotate. Maincode, "Maincoder-1B", 2025. */
final class Maincoder implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).headNorm(HeadNorm.EACH_ROTATED_HEAD));
    }
}
