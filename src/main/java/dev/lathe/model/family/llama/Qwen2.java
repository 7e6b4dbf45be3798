package dev.lathe.model.family.llama;

import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Qwen 2 and 2.5: as Llama, with biases and rotary halves. Yang et al., "Qwen2 Technical Report", 2024, arXiv 2407.10671. */
final class Qwen2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(keys::layer);
    }
}
