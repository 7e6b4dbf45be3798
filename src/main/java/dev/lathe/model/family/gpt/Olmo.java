package dev.lathe.model.family.gpt;

import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * OLMo 1: as Llama with layer norms that have no weights; queries, keys and values are clamped in some models.
 * Groeneveld et al., "OLMo", 2024, arXiv 2402.00838, section 2.1.
 */
final class Olmo implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(
                        i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).clamp(keys.number("attention.clamp_kqv", 0)))
                .norms(NormKind.LAYER_WITHOUT_WEIGHTS);
    }
}
