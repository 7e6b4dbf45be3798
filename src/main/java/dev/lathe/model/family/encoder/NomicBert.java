package dev.lathe.model.family.encoder;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Nomic Embed: BERT that rotates instead of learning positions, with gated SiLU. Nussbaum et al., "Nomic Embed", 2024, arXiv
 * 2402.01613, section 3.
 */
final class NomicBert implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).gated(GateFunction.SILU).arrangement(Arrangement.NORMS_OF_SUMS))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN.normed().tokenTypes(keys.tokenTypes()).withoutFinalNorm());
    }
}
