package dev.lathe.model.family.gpt;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Jais: as GPT-2 with ALiBi instead of learned positions, gated SiLU, and scores divided by the length of a head. Sengupta et al., "Jais
 * and Jais-chat", 2023, arXiv 2308.16149, section 3.
 */
final class Jais implements Family {
    @Override
    public Description describe(Keys keys) {
        double largestBias = keys.number("attention.max_alibi_bias", 0);
        return Description.of(i ->
                        keys.layer(i).withoutRope().scale(1.0 / keys.keySize(i)).scores(ScoreConfig.alibi(largestBias)))
                .norms(NormKind.LAYER);
    }
}
