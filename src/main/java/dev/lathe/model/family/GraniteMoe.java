package dev.lathe.model.family;

import dev.lathe.model.config.ExpertsConfig.Scoring;

/**
 * Granite 3 with experts, in some models with a shared one.
 */
final class GraniteMoe implements Family {
    @Override
    public Description describe(Keys keys) {
        int shared = keys.integer("expert_shared_feed_forward_length", 0);
        return Granite.describe(
                keys,
                i -> Granite.layer(keys, i)
                        .experts(keys.experts(i, Scoring.SOFTMAX, true, shared, false), keys.expertSize(i)));
    }
}
