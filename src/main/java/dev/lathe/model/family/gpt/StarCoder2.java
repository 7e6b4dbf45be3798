package dev.lathe.model.family.gpt;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** StarCoder 2: layer norms, biases, GELU without a gate. Lozhkov et al., "StarCoder 2", 2024, arXiv 2402.19173. */
final class StarCoder2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).ungated(GateFunction.GELU)).norms(NormKind.LAYER);
    }
}
