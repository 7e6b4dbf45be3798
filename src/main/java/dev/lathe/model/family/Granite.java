package dev.lathe.model.family;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.RotaryOrder;
import java.util.function.IntFunction;

/**
 * Granite 3: as Llama with factors of embeddings, scores, residual branches and logits. Granite Team, "Granite 3.0
 * Language Models", 2024.
 */
final class Granite implements Family {
    @Override
    public Description describe(Keys keys) {
        return describe(keys, i -> layer(keys, i));
    }

    /** What dense models and those with experts have in common. */
    static Description describe(Keys keys, IntFunction<LayerConfig.Builder> layers) {
        return Description.of(layers)
                .ends(EndsConfig.PLAIN
                        .embeddingScale(keys.number("embedding_scale", 1))
                        .logitScale(1 / keys.number("logit_scale", 1)))
                .residualScale(keys.number("residual_scale", 1));
    }

    static LayerConfig.Builder layer(Keys keys, int i) {
        double plain = 1 / Math.sqrt(keys.keySize(i));
        return keys.layer(i).rotaryOrder(RotaryOrder.PAIRS).scale(keys.number("attention.scale", plain));
    }
}
