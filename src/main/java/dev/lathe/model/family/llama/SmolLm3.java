package dev.lathe.model.family.llama;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * SmolLM 3: as Llama; each fourth layer does not rotate. Bakouch et al., "SmolLM3", 2025; Yang et al., "RoPE to NoPE and
 * Back Again", 2025, arXiv 2501.18795.
 */
final class SmolLm3 implements Family {
    private static final int WITHOUT_ROTATION = 4;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            LayerConfig.Builder layer = keys.layer(i).rotaryOrder(RotaryOrder.PAIRS);
            return (i + 1) % WITHOUT_ROTATION == 0 ? layer.withoutRope() : layer;
        });
    }
}
