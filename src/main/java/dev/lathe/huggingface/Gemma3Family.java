package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonString;
import java.util.HashMap;
import java.util.Map;

/** Gemma 3 on text. Norms store their weights less one. */
final class Gemma3Family extends Family {
    private static final int PERIOD = 6;
    private static final int LAYERS_OF_27B = 62;

    @Override
    String architecture() {
        return "gemma3";
    }

    @Override
    String activation() {
        return "gelu_pytorch_tanh";
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("hidden_activation", new JsonString(activation()));
        for (String cap : new String[] {"attn_logit_softcapping", "final_logit_softcapping"}) {
            config.require(cap, JsonLiteral.NULL);
        }
        int scale = config.findInteger("query_pre_attn_scalar").orElse(256);
        int expected = config.layerCount() == LAYERS_OF_27B
                ? config.integer("hidden_size") / config.headCount()
                : config.headSize();
        if (scale != expected) {
            throw new JsonException(
                    "'query_pre_attn_scalar' is " + scale + "; only " + expected + " is supported here");
        }
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
        Map<String, String> names = new HashMap<>(super.layerNames());
        names.put("post_attention_layernorm", "post_attention_norm");
        names.put("pre_feedforward_layernorm", "ffn_norm");
        names.put("post_feedforward_layernorm", "post_ffw_norm");
        return names;
    }

    @Override
    float normOffset() {
        return 1;
    }
}
