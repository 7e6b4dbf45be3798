package dev.lathe.model.family.gpt;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * MPT: distances instead of positions (ALiBi), layer norms without a shift, exact GELU without a gate, fused attention
 * whose queries, keys and values are clamped in some models. MosaicML, "Introducing MPT-7B", 2023.
 */
final class Mpt implements Family {
    @Override
    public Description describe(Keys keys) {
        double largestBias = keys.number("attention.max_alibi_bias", 0);
        return Description.of(i -> keys.layer(i)
                        .withoutRope()
                        .clamp(keys.number("attention.clamp_kqv", 0))
                        .scores(ScoreConfig.alibi(largestBias))
                        .ungated(GateFunction.EXACT_GELU))
                .norms(NormKind.LAYER_WITHOUT_SHIFT);
    }
}
