package dev.lathe.model.family.gpt;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * StarCoder and SantaCoder: as GPT-2 with one head of keys and values. Li et al., "StarCoder", 2023, arXiv 2305.06161.
 */
final class StarCoder implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).withoutRope().ungated(GateFunction.GELU))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN.positioned());
    }
}
