package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * GLM 4 (0414), and GLM 4.1V on text: norms before and after each half of a layer, gate and up in one matrix, half of each head
 * rotates. GLM Team, "ChatGLM", 2024, arXiv 2406.12793; "GLM-4.1V-Thinking", 2025, arXiv 2507.01006.
 */
final class Glm4 implements Family {
    @Override
    public Description describe(Keys keys) {
        RotaryOrder order = keys.hasRotarySections() ? RotaryOrder.HALVES : RotaryOrder.PAIRS;
        return Description.of(
                i -> keys.layer(i).rotaryOrder(order).fused().arrangement(Arrangement.NORMS_BEFORE_AND_AFTER));
    }
}
