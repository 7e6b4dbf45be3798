package dev.lathe.model.family.llama;

import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Llama 2 and 3, SmolLM 2, Mistral and, with experts, Mixtral: gated SiLU, rotary pairs as GGUF files permute them.
 *
 * <p>Touvron et al., "Llama 2", 2023, arXiv 2307.09288; Jiang et al., "Mixtral of Experts", 2024, arXiv 2401.04088.
 */
final class Llama implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> {
            LayerConfig.Builder layer = keys.layer(i).rotaryOrder(RotaryOrder.PAIRS);
            return keys.hasExperts()
                    ? layer.experts(keys.experts(i, Scoring.SOFTMAX, true, 0, false), keys.expertSize(i))
                    : layer;
        });
    }
}
