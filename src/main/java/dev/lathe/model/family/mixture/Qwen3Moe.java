package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Qwen 3 with experts: normed heads, weights of the chosen experts add up to one. Yang et al., "Qwen3 Technical Report",
 * 2025, arXiv 2505.09388.
 */
final class Qwen3Moe implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                .headNorm(HeadNorm.EACH_HEAD)
                .experts(keys.experts(i, Scoring.SOFTMAX, true, 0, false), keys.expertSize(i)));
    }
}
