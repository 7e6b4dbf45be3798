package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Gemma 2: windows in every other layer, capped scores and logits, norms before and after each half of a layer, gated
 * GELU. Gemma Team, "Gemma 2", 2024, arXiv 2408.00118.
 */
final class Gemma2 implements Family {
    private static final int LAYERS_OF_27_BILLION = 46;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> layer(keys, i))
                .ends(EndsConfig.PLAIN
                        .embeddingScale(Math.sqrt(keys.hiddenSize()))
                        .logitCap(keys.number("final_logit_softcapping", 30)));
    }

    private static LayerConfig.Builder layer(Keys keys, int i) {
        float cap = (float) keys.number("attn_logit_softcapping", 50);
        LayerConfig.Builder layer = keys.layer(i)
                .slidingWindow(keys.isSliding(i, 2) ? keys.slidingWindow(4096) : 0)
                .scores(ScoreConfig.capped(cap))
                .gated(GateFunction.GELU)
                .arrangement(Arrangement.NORMS_BEFORE_AND_AFTER);
        if (keys.layerCount()
                == LAYERS_OF_27_BILLION) { // by the hidden size of a head's share, not by the head's own size
            layer.scale(1 / Math.sqrt(keys.hiddenSize() / keys.headCount(i)));
        }
        return layer;
    }
}
