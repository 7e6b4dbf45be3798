package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Qwen 2 and 2.5 VL on text, where the three places that rotate sections of a head are the same: Qwen 2. Wang et al., "Qwen2-VL",
 * 2024, arXiv 2409.12191, section 2.1.
 */
final class Qwen2Vl implements Family {
    @Override
    public Description describe(Keys keys) {
        return new Qwen2().describe(keys);
    }
}
