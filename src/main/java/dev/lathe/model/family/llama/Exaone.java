package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** EXAONE 3 and 3.5: as Llama, with rotary halves. LG AI Research, "EXAONE 3.5", 2024, arXiv 2412.04862. */
final class Exaone implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(keys::layer);
    }
}
