package dev.lathe.model.family;

import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.RotaryOrder;

/** Maincoder 1B: as Llama, with heads that are normed after they rotate. Maincode, "Maincoder-1B", 2025. */
final class Maincoder implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).headNorm(HeadNorm.EACH_ROTATED_HEAD));
    }
}
