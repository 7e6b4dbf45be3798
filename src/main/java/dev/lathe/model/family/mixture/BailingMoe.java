package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Ling Lite and Plus: as Llama, with experts weighted by their softmax and shared ones in every layer. Ling Team, "Every FLOP Counts",
 * 2025, arXiv 2503.05139.
 */
final class BailingMoe implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                .rotaryOrder(RotaryOrder.PAIRS)
                .experts(
                        keys.experts(i, Scoring.SOFTMAX, false, keys.sharedExpertsSize(i), false), keys.expertSize(i)));
    }
}
