package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Hunyuan with experts (A13B): heads that are normed after they rotate, experts weighted by their softmax, which add up to 1, and a
 * shared one. Tencent, "Hunyuan-A13B Technical Report", 2025.
 */
final class HunYuanMoe implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            int size = keys.expertSize(i);
            int shared = keys.integer("expert_shared_feed_forward_length", size);
            return keys.layer(i)
                    .headNorm(HeadNorm.EACH_ROTATED_HEAD)
                    .experts(keys.experts(i, Scoring.SOFTMAX, true, shared, false), size);
        });
    }
}
