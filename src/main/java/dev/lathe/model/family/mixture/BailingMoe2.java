package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Ling 2 and Ring 2: normed heads, of which half rotates; dense layers first, then experts in groups, scored by sigmoids with a bias for
 * choosing, and a shared one. Ling Team, "Every Activation Boosted", 2025, arXiv 2510.22115.
 */
final class BailingMoe2 implements Family {
    @Override
    public Description describe(Keys keys) {
        Scoring scoring = keys.scoring(Scoring.SIGMOID);
        return Description.of(i -> {
            int shared = keys.integer("expert_shared_feed_forward_length", keys.sharedExpertsSize(i));
            return keys.routed(keys.layer(i).headNorm(HeadNorm.EACH_HEAD), i, scoring, shared);
        });
    }
}
