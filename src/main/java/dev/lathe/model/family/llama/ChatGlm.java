package dev.lathe.model.family.llama;

import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * ChatGLM 2, 3 and the first GLM 4 9B: biases beside fused attention, gate and up in one matrix, half of each head
 * rotates. GLM Team, "ChatGLM", 2024, arXiv 2406.12793.
 */
final class ChatGlm implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).fused());
    }
}
