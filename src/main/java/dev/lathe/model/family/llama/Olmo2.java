package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * OLMo 2 and 3: norms after each half of a layer alone, queries and keys normed as whole rows; OLMo 3 with windows. OLMo
 * Team, "2 OLMo 2 Furious", 2025, arXiv 2501.00656.
 */
final class Olmo2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            LayerConfig.Builder layer =
                    keys.layer(i).headNorm(HeadNorm.WHOLE_ROW).arrangement(Arrangement.NORMS_AFTER);
            boolean local = keys.slidingWindow(0) > 0 && keys.isSliding(i, 4);
            return local
                    ? layer.slidingWindow(keys.slidingWindow(0)).rope(keys.localRope(keys.keySize(i), keys.ropeBase()))
                    : layer.slidingWindow(0);
        });
    }
}
