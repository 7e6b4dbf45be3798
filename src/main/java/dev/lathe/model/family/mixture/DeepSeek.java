package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.LayerConfig;
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
        return Description.of(i -> {
            LayerConfig.Builder layer = keys.layer(i).rotaryOrder(RotaryOrder.PAIRS);
            if (keys.isLeadingDense(i)) {
                return layer;
            }
            int shared = keys.sharedExpertsSize(i);
            return layer.experts(keys.experts(i, Scoring.SOFTMAX, false, shared, false), keys.expertSize(i));
        });
    }
}
