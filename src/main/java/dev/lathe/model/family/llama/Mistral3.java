package dev.lathe.model.family.llama;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Ministral 3 and Mistral Large 3 without experts: as Llama; queries grow with the logarithm of their position beyond
 * the first training's context. Mistral AI, "Ministral 3", 2026.
 */
final class Mistral3 implements Family {
    @Override
    public Description describe(Keys keys) {
        double scale = keys.number("attention.temperature_scale", 0);
        int length = keys.integer("rope.scaling.original_context_length", keys.contextLength());
        return Description.of(
                i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).scores(ScoreConfig.temperature(scale, length, 0)));
    }
}
