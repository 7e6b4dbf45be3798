package dev.lathe.model.family.llama;

import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * OpenELM: normed heads; later layers have more heads and longer feed-forward parts. Mehta et al., "OpenELM", 2024, arXiv 2404.14619,
 * section 2.1.
 */
final class OpenElm implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).headNorm(HeadNorm.EACH_HEAD));
    }
}
