package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Phi 3 and 4: as Llama with fused matrices, windows, and rotary frequencies divided by factors of their own in long
 * contexts (LongRoPE). Abdin et al., "Phi-3 Technical Report", 2024, arXiv 2404.14219; Ding et al., "LongRoPE", 2024,
 * arXiv 2402.13753.
 */
final class Phi3 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(
                i -> keys.layer(i).rope(keys.longRope(keys.keySize(i))).fused());
    }
}
