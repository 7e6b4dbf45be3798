package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonString;
import java.util.Map;

/** Gemma. Norms store their weights less one. */
class GemmaFamily extends Family {
    @Override
    String architecture() {
        return "gemma";
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
    float normOffset() {
        return 1;
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("hidden_activation", new JsonString(activation()));
        super.describe(config, keys);
    }

    /**
     * Refuses factors of the scores that loaders do not know: they take the size of a head, in the largest models the hidden
     * size's share of it.
     */
    static void requireUsualScale(Config config, int layersOfLargest) {
        int scale = config.findInteger("query_pre_attn_scalar").orElse(256);
        int expected = config.layerCount() == layersOfLargest
                ? config.integer("hidden_size") / config.headCount()
                : config.headSize();
        if (scale != expected) {
            throw new JsonException(
                    "'query_pre_attn_scalar' is " + scale + "; only " + expected + " is supported here");
        }
    }

    /** The names of Gemma 2 and 3, which have four norms a layer. */
    static Map<String, String> withNormsBeforeAndAfter(Map<String, String> names) {
        return with(with(names, NORMS_BEHIND), Map.of("pre_feedforward_layernorm", "ffn_norm"));
    }
}
