package dev.lathe.model.family.mixture;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Qwen 1.5 and 2 with experts: as Qwen 2; experts weighted by their plain softmax, and a shared one with a gate of its
 * own. Yang et al., "Qwen2 Technical Report", 2024, arXiv 2407.10671.
 */
final class Qwen2Moe implements Family {
    @Override
    public Description describe(Keys keys) {
        int shared = keys.integer("expert_shared_feed_forward_length", 0);
        return Description.of(
                i -> keys.layer(i).experts(keys.experts(i, Scoring.SOFTMAX, false, shared, true), keys.expertSize(i)));
    }
}
