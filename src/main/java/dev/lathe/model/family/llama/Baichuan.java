package dev.lathe.model.family.llama;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Baichuan 1 and 2: as Llama; the 13B, which files tell by its 40 layers alone, has distances instead of rotation
 * (ALiBi). Yang et al., "Baichuan 2", 2023, arXiv 2309.10305, section 2.3.
 */
final class Baichuan implements Family {
    private static final int LAYERS_OF_13B = 40;
    private static final float LARGEST_BIAS = 8;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            LayerConfig.Builder layer = keys.layer(i).rotaryOrder(RotaryOrder.PAIRS);
            return keys.layerCount() == LAYERS_OF_13B
                    ? layer.withoutRope().scores(ScoreConfig.alibi(LARGEST_BIAS))
                    : layer;
        });
    }
}
