package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * dots.llm1: attention as in Qwen 3; dense layers first, then experts scored by sigmoids with a bias for choosing, and shared ones.
 * rednote hilab, "dots.llm1 Technical Report", 2025, arXiv 2506.05767, section 2.
 */
final class Dots1 implements Family {
    @Override
    public Description describe(Keys keys) {
        Scoring scoring = keys.scoring(Scoring.SOFTMAX);
        return Description.of(
                i -> keys.routed(keys.layer(i).headNorm(HeadNorm.EACH_HEAD), i, scoring, keys.sharedExpertsSize(i)));
    }
}
