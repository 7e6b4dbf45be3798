package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Seed-OSS: as Qwen 2; files name the second norm of a layer after attention. ByteDance Seed, "Seed-OSS", 2025. */
final class SeedOss implements Family {
    private static final Arrangement ARRANGEMENT =
            Arrangement.sequential(TensorRole.ATTENTION_NORM, null, TensorRole.POST_ATTENTION_NORM, null);

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).arrangement(ARRANGEMENT));
    }
}
