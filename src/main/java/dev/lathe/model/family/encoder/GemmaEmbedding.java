package dev.lathe.model.family.encoder;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;
import dev.lathe.model.family.llama.Gemma3;

/**
 * EmbeddingGemma: Gemma 3 as an encoder, whose windows reach to both sides, with two dense layers after the pooled row. Schechter
 * Vera et al., "EmbeddingGemma", 2025, arXiv 2509.20354, section 2.
 */
final class GemmaEmbedding implements Family {
    @Override
    public Description describe(Keys keys) {
        Description gemma = Gemma3.description(keys);
        return new Description(gemma.norms(), gemma.ends(), gemma.residualScale(), i -> encoder(gemma, i));
    }

    private static LayerConfig.Builder encoder(Description gemma, int i) {
        return gemma.layers().apply(i).causal(false);
    }
}
