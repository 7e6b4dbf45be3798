package dev.lathe.model.family.llama;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Granite 3: as Llama with factors of embeddings, scores, residual branches and logits; some with experts, of those some with a
 * shared one. Granite Team, "Granite 3.0 Language Models", 2024.
 */
final class Granite implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> layer(keys, i))
                .ends(EndsConfig.PLAIN
                        .embeddingScale(keys.number("embedding_scale", 1))
                        .logitScale(1 / keys.number("logit_scale", 1)))
                .residualScale(keys.number("residual_scale", 1));
    }

    private static LayerConfig.Builder layer(Keys keys, int i) {
        double plain = 1 / Math.sqrt(keys.keySize(i));
        LayerConfig.Builder layer =
                keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).scale(keys.number("attention.scale", plain));
        if (!keys.hasExperts()) {
            return layer;
        }
        int shared = keys.integer("expert_shared_feed_forward_length", 0);
        return layer.experts(keys.experts(i, Scoring.SOFTMAX, true, shared, false), keys.expertSize(i));
    }
}
