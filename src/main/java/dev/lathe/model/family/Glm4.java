package dev.lathe.model.family;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.RotaryOrder;

/**
 * GLM 4 (0414): norms before and after each half of a layer, gate and up in one matrix, half of each head rotates. GLM
 * Team, "ChatGLM", 2024, arXiv 2406.12793.
 */
final class Glm4 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i ->
                keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).fused().arrangement(Arrangement.NORMS_BEFORE_AND_AFTER));
    }
}
