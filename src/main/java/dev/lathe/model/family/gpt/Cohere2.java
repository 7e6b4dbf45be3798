package dev.lathe.model.family.gpt;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Command R7B and Command A: as Command R; three of four layers have a window and rotate, the fourth sees all and does
 * not. Cohere, "Command A", 2025, arXiv 2504.00698.
 */
final class Cohere2 implements Family {
    private static final int WINDOW_PATTERN = 4;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
                    LayerConfig.Builder layer =
                            keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).arrangement(Arrangement.PARALLEL);
                    return keys.isSliding(i, WINDOW_PATTERN)
                            ? layer.slidingWindow(keys.slidingWindow(0))
                            : layer.slidingWindow(0).withoutRope();
                })
                .norms(NormKind.LAYER_WITHOUT_SHIFT)
                .ends(EndsConfig.PLAIN.logitScale(keys.number("logit_scale", 1)));
    }
}
