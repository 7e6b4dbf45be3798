package dev.lathe.huggingface;

import java.util.Map;

/** Gemma 2: capped scores and logits, windows in every other layer, norms before and after each half of a layer. */
final class Gemma2Family extends GemmaFamily {
    @Override
    String architecture() {
        return "gemma2";
    }

    private static final int LAYERS_OF_27B = 46;

    @Override
    void describe(Config config, Keys keys) {
        requireUsualScale(config, LAYERS_OF_27B);
        super.describe(config, keys);
        keys.number("attn_logit_softcapping", config.json().doubleValue("attn_logit_softcapping"));
        keys.number("final_logit_softcapping", config.json().doubleValue("final_logit_softcapping"));
    }

    /** Loaders know the usual pattern: a layer with the window, one without. */
    @Override
    void describePattern(boolean[] pattern, Keys keys) {
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i] != (i % 2 == 0)) {
                super.describePattern(pattern, keys);
                return;
            }
        }
    }

    @Override
    Map<String, String> layerNames() {
        return withNormsBeforeAndAfter(super.layerNames());
    }
}
