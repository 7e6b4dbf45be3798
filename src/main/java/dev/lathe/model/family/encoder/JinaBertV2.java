package dev.lathe.model.family.encoder;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Jina Embeddings 2: BERT with distances instead of positions (ALiBi, both ways) and gated GELU. Guenther et al., "Jina Embeddings
 * 2", 2023, arXiv 2310.19923, section 4.
 */
final class JinaBertV2 implements Family {
    private static final float LARGEST_BIAS = 8;

    @Override
    public Description describe(Keys keys) {
        double largest = keys.number("attention.max_alibi_bias", LARGEST_BIAS);
        return Description.of(i -> keys.layer(i)
                        .withoutRope()
                        .scores(ScoreConfig.alibi(largest))
                        .gated(GateFunction.EXACT_GELU)
                        .fused()
                        .arrangement(Arrangement.NORMS_OF_SUMS))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN.normed().tokenTypes(keys.tokenTypes()).withoutFinalNorm());
    }
}
