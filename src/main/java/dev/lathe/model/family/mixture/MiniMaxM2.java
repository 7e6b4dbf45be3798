package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * MiniMax M2: queries and keys normed as whole rows, of which half of each head rotates; experts scored by sigmoids with a bias for
 * choosing. MiniMax, "MiniMax-M2", 2025.
 */
final class MiniMaxM2 implements Family {
    @Override
    public Description describe(Keys keys) {
        Scoring scoring = keys.scoring(Scoring.SIGMOID);
        return Description.of(i -> keys.layer(i)
                .headNorm(HeadNorm.WHOLE_ROW)
                .experts(keys.experts(i, scoring, true, 0, false), keys.expertSize(i)));
    }
}
