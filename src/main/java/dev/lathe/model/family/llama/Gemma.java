package dev.lathe.model.family.llama;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Gemma: embeddings by the root of the hidden size, gated GELU. Gemma Team, "Gemma: Open Models", 2024, arXiv
 * 2403.08295.
 */
final class Gemma implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).gated(GateFunction.GELU))
                .ends(EndsConfig.PLAIN.embeddingScale(Math.sqrt(keys.hiddenSize())));
    }
}
