package dev.lathe.model.family;

import dev.lathe.model.config.Arrangement;

/** PLaMo 1: as Llama with both halves of a layer side by side, halves of heads rotate. Preferred Networks, "PLaMo-13B", 2023. */
final class Plamo implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).arrangement(Arrangement.PARALLEL));
    }
}
