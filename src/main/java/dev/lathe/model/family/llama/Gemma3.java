package dev.lathe.model.family.llama;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Gemma 3 (text): windows in five of six layers, which rotate by a base of their own; norms before and after each half of a layer;
 * gated GELU. Gemma Team, "Gemma 3 Technical Report", 2025, arXiv 2503.19786.
 */
public final class Gemma3 implements Family {
    private static final int LAYERS_OF_27_BILLION = 62;
    private static final int WINDOW_PATTERN = 6;
    private static final double LOCAL_ROPE_BASE = 10_000;

    Gemma3() {}

    @Override
    public Description describe(Keys keys) {
        return description(keys);
    }

    /** Also of the encoder that was made of it. */
    public static Description description(Keys keys) {
        return Description.of(i -> layer(keys, i)).ends(EndsConfig.PLAIN.embeddingScale(Math.sqrt(keys.hiddenSize())));
    }

    private static LayerConfig.Builder layer(Keys keys, int i) {
        boolean local = keys.slidingWindow(0) > 0 && keys.isSliding(i, WINDOW_PATTERN);
        LayerConfig.Builder layer = keys.layer(i)
                .slidingWindow(local ? keys.slidingWindow(0) : 0)
                .headNorm(HeadNorm.EACH_HEAD)
                .gated(GateFunction.GELU)
                .arrangement(Arrangement.NORMS_BEFORE_AND_AFTER);
        if (local) {
            layer.rope(keys.localRope(keys.keySize(i), LOCAL_ROPE_BASE));
        }
        if (keys.layerCount()
                == LAYERS_OF_27_BILLION) { // by the hidden size of a head's share, not by the head's own size
            layer.scale(1 / Math.sqrt(keys.hiddenSize() / keys.headCount(i)));
        }
        return layer;
    }
}
