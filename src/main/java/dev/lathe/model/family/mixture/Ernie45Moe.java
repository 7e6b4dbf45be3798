package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * ERNIE 4.5 with experts: dense layers first, then experts scored by softmax with a bias for choosing, and shared ones. Baidu, "ERNIE
 * 4.5 Technical Report", 2025.
 */
final class Ernie45Moe implements Family {
    @Override
    public Description describe(Keys keys) {
        int step = Math.max(1, keys.integer("interleave_moe_layer_step", 1));
        int shared = keys.integer("expert_shared_feed_forward_length", 0);
        return Description.of(i -> {
            LayerConfig.Builder layer = keys.layer(i).rotaryOrder(RotaryOrder.PAIRS);
            boolean dense = keys.isLeadingDense(i) || (i + 1) % step != 0;
            return dense
                    ? layer
                    : layer.experts(keys.experts(i, Scoring.SOFTMAX, true, shared, false), keys.expertSize(i));
        });
    }
}
