package dev.lathe.model.family.llama;

import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Hunyuan 0.5B to 7B: as Qwen 3, with heads that are normed after they rotate. Tencent, "Hunyuan 7B", 2025. */
final class HunYuanDense implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).headNorm(HeadNorm.EACH_ROTATED_HEAD));
    }
}
