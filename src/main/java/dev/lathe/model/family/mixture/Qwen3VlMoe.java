package dev.lathe.model.family.mixture;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Qwen 3 VL with experts on text: as Qwen 3 with experts. Bai et al., "Qwen3-VL Technical Report", 2025, arXiv 2511.21631. */
final class Qwen3VlMoe implements Family {
    @Override
    public Description describe(Keys keys) {
        return new Qwen3Moe().describe(keys);
    }
}
