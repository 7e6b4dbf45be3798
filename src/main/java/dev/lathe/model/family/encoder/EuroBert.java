package dev.lathe.model.family.encoder;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** EuroBERT: Llama as an encoder, halves rotate. Boizard et al., "EuroBERT", 2025, arXiv 2503.05500, section 2.1. */
final class EuroBert implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(keys::layer);
    }
}
