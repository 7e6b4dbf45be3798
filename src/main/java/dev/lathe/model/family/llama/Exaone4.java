package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * EXAONE 4: norms after each half of a layer alone, normed heads; where there are windows, each fourth layer has none and does not
 * rotate. LG AI Research, "EXAONE 4.0", 2025, arXiv 2507.11407, section 2.1.
 */
final class Exaone4 implements Family {
    private static final int WINDOW_PATTERN = 4;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            LayerConfig.Builder layer =
                    keys.layer(i).headNorm(HeadNorm.EACH_HEAD).arrangement(Arrangement.NORMS_AFTER);
            int window = keys.slidingWindow(0);
            if (window == 0) {
                return layer.slidingWindow(0);
            }
            return keys.isSliding(i, WINDOW_PATTERN)
                    ? layer.slidingWindow(window)
                    : layer.slidingWindow(0).withoutRope();
        });
    }
}
