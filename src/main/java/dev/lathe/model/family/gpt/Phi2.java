package dev.lathe.model.family.gpt;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Phi 1.5 and 2: attention and feed-forward part side by side on one layer norm, GELU without a gate, biases everywhere,
 * a part of each head rotates. Li et al., "Textbooks Are All You Need II", 2023, arXiv 2309.05463.
 */
final class Phi2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).ungated(GateFunction.GELU).arrangement(Arrangement.PARALLEL))
                .norms(NormKind.LAYER);
    }
}
