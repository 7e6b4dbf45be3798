package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.Map;

/** Gemma 3 on text. Norms store their weights less one. */
class Gemma3Family extends GemmaFamily {
    private static final int PERIOD = 6;
    private static final int LAYERS_OF_27B = 62;

    /** What the configurations of models that read images leave out. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "vocab_size", "262208",
            "num_attention_heads", "8",
            "num_key_value_heads", "4",
            "head_dim", "256",
            "max_position_embeddings", "131072",
            "rms_norm_eps", "1e-6",
            "rope_theta", "1000000");

    @Override
    Config usual(Config config) {
        return config.isTextPart() ? config.orElse(DEFAULTS) : config;
    }

    @Override
    String architecture() {
        return "gemma3";
    }

    @Override
    Family variant(Config config) {
        boolean both = config.json().findBoolean("use_bidirectional_attention").orElse(false);
        return both ? new GemmaEmbeddingFamily() : this;
    }

    @Override
    void describe(Config config, Keys keys) {
        for (String cap : new String[] {"attn_logit_softcapping", "final_logit_softcapping"}) {
            config.require(cap, JsonLiteral.NULL);
        }
        requireUsualScale(config, LAYERS_OF_27B);
        super.describe(config, keys);
        Rope local = config.rope("sliding_attention");
        double base = config.json().findDouble("rope_local_base_freq").orElse(local.base());
        keys.number("rope.freq_base_swa", base);
    }

    /** Loaders know the usual pattern: five layers with the window, one without. */
    @Override
    void describePattern(boolean[] pattern, Keys keys) {
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i] != (i % PERIOD < PERIOD - 1)) {
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
