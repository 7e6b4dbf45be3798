package dev.lathe.model.family;

import dev.lathe.model.config.HeadNorm;

/** Hunyuan 0.5B to 7B: as Qwen 3, with heads that are normed after they rotate. Tencent, "Hunyuan 7B", 2025. */
final class HunYuanDense implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).headNorm(HeadNorm.EACH_ROTATED_HEAD));
    }
}
