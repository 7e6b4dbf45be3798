package dev.lathe.model.family.encoder;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * BERT, and RoBERTa and XLM-R where the file's vocabulary is theirs: encoders with learned positions and kinds of tokens, norms of
 * sums, exact GELU. Devlin et al., "BERT", 2018, arXiv 1810.04805, section 3; Conneau et al., "Unsupervised Cross-lingual
 * Representation Learning at Scale", 2019, arXiv 1911.02116.
 */
final class Bert implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                        .withoutRope()
                        .ungated(GateFunction.EXACT_GELU)
                        .arrangement(Arrangement.NORMS_OF_SUMS))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN
                        .normed()
                        .positioned()
                        .tokenTypes(keys.tokenTypes())
                        .withoutFinalNorm());
    }
}
