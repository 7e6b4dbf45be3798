package dev.lathe.model.family.llama;

import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** InternLM 2 and 2.5: as Llama. Cai et al., "InternLM2 Technical Report", 2024, arXiv 2403.17297. */
final class InternLm2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS));
    }
}
