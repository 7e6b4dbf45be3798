package dev.lathe.model.family.llama;

import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Qwen 3 without experts: normed heads, no biases. Yang et al., "Qwen3 Technical Report", 2025, arXiv 2505.09388. */
final class Qwen3 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).headNorm(HeadNorm.EACH_HEAD));
    }
}
