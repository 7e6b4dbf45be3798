package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** PLaMo 1: as Llama with both halves of a layer side by side, halves of heads rotate. Preferred Networks, "PLaMo-13B", 2023. */
final class Plamo implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).arrangement(Arrangement.PARALLEL));
    }
}
