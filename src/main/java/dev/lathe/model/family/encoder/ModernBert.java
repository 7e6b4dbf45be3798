package dev.lathe.model.family.encoder;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.ClassifierConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * ModernBERT: an encoder with windows in two of three layers, which rotate by a base of their own; layer norms without a shift,
 * none before the first attention; gate and up in one matrix. Warner et al., "Smarter, Better, Faster, Longer", 2024, arXiv
 * 2412.13663, section 2.
 */
final class ModernBert implements Family {
    private static final int WINDOW_PATTERN = 3;
    private static final double LOCAL_ROPE_BASE = 10_000;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> layer(keys, i))
                .norms(NormKind.LAYER_WITHOUT_SHIFT)
                .ends(EndsConfig.PLAIN.normed().classifier(head(keys)));
    }

    /** Of rerankers: GELU and a norm, of the mean row unless the file says the first. */
    private static ClassifierConfig head(Keys keys) {
        return new ClassifierConfig(
                keys.pooling("classifier.pooling_type", Pooling.MEAN), ClassifierConfig.Activation.GELU);
    }

    private static LayerConfig.Builder layer(Keys keys, int i) {
        int pattern = keys.integer("attention.sliding_window_pattern", WINDOW_PATTERN);
        boolean local = keys.slidingWindow(0) > 0 && pattern > 0 && i % pattern != 0;
        boolean silu = keys.text("hidden_activation", "gelu").equals("silu");
        LayerConfig.Builder layer = keys.layer(i)
                .slidingWindow(local ? keys.slidingWindow(0) : 0)
                .gated(silu ? GateFunction.SILU : GateFunction.EXACT_GELU)
                .fused()
                .arrangement(Arrangement.sequential(
                        i == 0 ? null : TensorRole.ATTENTION_NORM, null, TensorRole.FEED_FORWARD_NORM, null));
        if (local) {
            layer.rope(keys.localRope(keys.keySize(i), LOCAL_ROPE_BASE));
        }
        return layer;
    }
}
