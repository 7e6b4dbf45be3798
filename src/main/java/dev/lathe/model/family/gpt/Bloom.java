package dev.lathe.model.family.gpt;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * BLOOM: distances instead of positions (ALiBi), normed embeddings, layer norms, GELU without a gate, fused attention.
 * Le Scao et al., "BLOOM", 2022, arXiv 2211.05100.
 */
final class Bloom implements Family {
    private static final float LARGEST_BIAS = 8;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                        .withoutRope()
                        .scores(ScoreConfig.alibi(LARGEST_BIAS))
                        .ungated(GateFunction.GELU))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN.normed());
    }
}
