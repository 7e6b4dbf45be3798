package dev.lathe.model.family.encoder;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Jina Embeddings 3 without the adapters of its tasks: XLM-R that rotates instead of learning positions. Sturua et al.,
 * "jina-embeddings-v3", 2024, arXiv 2409.10173, section 3.
 */
final class JinaBertV3 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(
                        i -> keys.layer(i).ungated(GateFunction.EXACT_GELU).arrangement(Arrangement.NORMS_OF_SUMS))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN.normed().tokenTypes(keys.tokenTypes()).withoutFinalNorm());
    }
}
