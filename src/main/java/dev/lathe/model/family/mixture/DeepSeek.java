package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * DeepSeek 1 with experts: as Llama, dense layers first, then experts weighted by their plain softmax, and shared ones.
 * Dai et al., "DeepSeekMoE", 2024, arXiv 2401.06066, section 3.
 */
final class DeepSeek implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.routed(
                keys.layer(i).rotaryOrder(RotaryOrder.PAIRS), i, Scoring.SOFTMAX, keys.sharedExpertsSize(i)));
    }
}
