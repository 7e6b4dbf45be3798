package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * OLMoE: experts weighted by their plain softmax, queries and keys normed as whole rows. Muennighoff et al., "OLMoE",
 * 2024, arXiv 2409.02060.
 */
final class Olmoe implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                .headNorm(HeadNorm.WHOLE_ROW)
                .experts(keys.experts(i, Scoring.SOFTMAX, false, 0, false), keys.expertSize(i)));
    }
}
