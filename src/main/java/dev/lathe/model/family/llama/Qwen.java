package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Qwen 1: as Llama with fused attention and its biases, halves rotate; files count gate and up together. Bai et al., "Qwen Technical
 * Report", 2023, arXiv 2309.16609, section 2.3.
 */
final class Qwen implements Family {
    @Override
    public int feedForwardFactor() {
        return 2;
    }

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).feedForwardSize(keys.feedForwardLength(i) / feedForwardFactor()));
    }
}
