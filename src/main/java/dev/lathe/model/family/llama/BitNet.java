package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * BitNet b1.58: as Llama with norms before the last matrix of each half of a layer, halves rotate; weights are mostly ternary. Ma et
 * al., "The Era of 1-bit LLMs", 2024, arXiv 2402.17764, section 2.
 */
final class BitNet implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).arrangement(Arrangement.NORMS_BEFORE_AND_WITHIN));
    }
}
