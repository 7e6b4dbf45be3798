package dev.lathe.model.family.llama;

import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * MiniCPM 1 and 2: as Llama with factors of embeddings, residual branches and logits, which older files do not tell. Hu et al.,
 * "MiniCPM", 2024, arXiv 2404.06395, section 4.
 */
final class MiniCpm implements Family {
    private static final double EMBEDDING_SCALE = 12;
    private static final double DEPTH_SCALE = 1.4;
    private static final double BASE_SIZE = 256;

    @Override
    public Description describe(Keys keys) {
        double residual = DEPTH_SCALE / Math.sqrt(keys.layerCount());
        return Description.of(i -> keys.layer(i).rotaryOrder(RotaryOrder.PAIRS))
                .ends(EndsConfig.PLAIN
                        .embeddingScale(keys.number("embedding_scale", EMBEDDING_SCALE))
                        .logitScale(1 / keys.number("logit_scale", keys.hiddenSize() / BASE_SIZE)))
                .residualScale(keys.number("residual_scale", residual));
    }
}
