package dev.lathe.model.family.gpt;

import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Orion 14B: as Llama with layer norms, rotary halves. Chen et al., "Orion-14B", 2024, arXiv 2401.12246. */
final class Orion implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(keys::layer).norms(NormKind.LAYER);
    }
}
