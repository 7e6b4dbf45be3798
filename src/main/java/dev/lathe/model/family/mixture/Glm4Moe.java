package dev.lathe.model.family.mixture;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * GLM 4.5, 4.6 and 4.5 Air: dense layers first, then experts scored by sigmoids with a bias for choosing, and shared ones; half of
 * each head rotates, the large ones norm heads. GLM-4.5 Team, "GLM-4.5", 2025, arXiv 2508.06471, section 2.1.
 */
final class Glm4Moe implements Family {
    private static final Arrangement NORMS =
            Arrangement.sequential(TensorRole.ATTENTION_NORM, null, TensorRole.POST_ATTENTION_NORM, null);

    @Override
    public Description describe(Keys keys) {
        Scoring scoring = keys.scoring(Scoring.SIGMOID);
        return Description.of(i -> {
            LayerConfig.Builder layer =
                    keys.layer(i).headNorm(HeadNorm.EACH_HEAD_WITH_GAINS).arrangement(NORMS);
            return keys.routed(layer, i, scoring, keys.sharedExpertsSize(i));
        });
    }
}
