package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Qwen 3 VL on text, where the three places that rotate a head in turn are the same and nothing of an image is added to the first
 * layers: Qwen 3. Bai et al., "Qwen3-VL Technical Report", 2025, arXiv 2511.21631, section 2.
 */
final class Qwen3Vl implements Family {
    @Override
    public Description describe(Keys keys) {
        return new Qwen3().describe(keys);
    }
}
