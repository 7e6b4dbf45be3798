package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * K-EXAONE: normed heads, windows in three of four layers, the fourth does not rotate; dense layers first, then experts scored by
 * sigmoids with a bias for choosing, and a shared one. LG AI Research, "K-EXAONE Technical Report", 2026, arXiv 2601.01739.
 */
final class ExaoneMoe implements Family {
    private static final int WINDOW_PATTERN = 4;

    @Override
    public Description describe(Keys keys) {
        Scoring scoring = keys.scoring(Scoring.SIGMOID);
        return Description.of(i -> {
            int shared = keys.integer("expert_shared_feed_forward_length", keys.expertSize(i));
            return keys.routed(attention(keys, i).headNorm(HeadNorm.EACH_HEAD), i, scoring, shared);
        });
    }

    private static LayerConfig.Builder attention(Keys keys, int i) {
        return keys.isSliding(i, WINDOW_PATTERN)
                ? keys.layer(i).slidingWindow(keys.slidingWindow(0))
                : keys.layer(i).slidingWindow(0).withoutRope();
    }
}
