package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import java.util.List;
import java.util.Map;

/** ModernBERT: windows in all but each third layer, queries, keys and values in one matrix, gate and up in another. */
final class ModernBertFamily extends EncoderFamily {
    private static final int PERIOD = 3;
    private static final int WINDOW = 128;
    private static final double EPSILON = 1e-5;

    private static final Map<String, String> WHOLE = Map.of(
            "embeddings.tok_embeddings", "token_embd",
            "embeddings.norm", "token_embd_norm",
            "final_norm", "output_norm",
            "head.dense", "cls",
            "head.norm", "cls.norm",
            "classifier", "cls.output");

    private static final Map<String, String> LAYER = Map.of(
            "attn_norm", "attn_norm",
            "attn.Wqkv", "attn_qkv",
            "attn.Wo", "attn_output",
            "mlp_norm", "ffn_norm",
            "mlp.Wi", "ffn_up",
            "mlp.Wo", "ffn_down");

    ModernBertFamily() {
        super("modern-bert", "model.", "layers.", WHOLE, LAYER);
    }

    @Override
    void describe(Config config, Keys keys) {
        for (String absent : new String[] {"attention_bias", "mlp_bias", "norm_bias"}) {
            config.require(absent, JsonLiteral.FALSE);
        }
        super.describe(config, keys);
        if (config.scoresTexts()) {
            describeHead(config, keys);
        }
        keys.number(
                "attention.layer_norm_epsilon",
                config.json().findDouble("norm_eps").orElse(EPSILON));
        keys.count(
                "attention.sliding_window",
                config.findInteger("local_attention").orElse(WINDOW));
        int period = config.findInteger("global_attn_every_n_layers").orElse(PERIOD);
        List<String> types = config.layerTypes();
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).equals("full_attention") != (i % period == 0)) {
                throw new JsonException(
                        "'layer_types' has " + types.get(i) + " at " + i + "; supported is a window in all but each "
                                + period + "th layer, as 'global_attn_every_n_layers' says");
            }
        }
        keys.count("attention.sliding_window_pattern", period);
        keys.text("rope.scaling.type", "none");
        keys.number("rope.freq_base", base(config, "global_rope_theta", "full_attention", 160_000));
        keys.number("rope.freq_base_swa", base(config, "local_rope_theta", "sliding_attention", 10_000));
        String activation = config.json().findText("hidden_activation").orElse("gelu");
        if (!activation.equals("gelu") && !activation.equals("silu")) {
            throw new JsonException("'hidden_activation' is " + activation + "; supported: gelu, silu");
        }
        keys.text("hidden_activation", activation);
    }

    private static void describeHead(Config config, Keys keys) {
        String activation = config.json().findText("classifier_activation").orElse("gelu");
        if (!activation.equals("gelu")) {
            throw new JsonException("'classifier_activation' is " + activation + "; supported: gelu");
        }
        String pooling = config.json().findText("classifier_pooling").orElse("cls");
        if (!pooling.equals("cls") && !pooling.equals("mean")) {
            throw new JsonException("'classifier_pooling' is " + pooling + "; supported: cls, mean");
        }
        keys.count("classifier.pooling_type", SentenceModules.POOLINGS.indexOf(pooling));
    }

    /** Newer files say it by type of layer, older ones by a name of their own. */
    private static double base(Config config, String name, String layerType, double fallback) {
        return config.json()
                .findObject("rope_parameters")
                .flatMap(all -> all.findObject(layerType))
                .flatMap(rope -> rope.findDouble("rope_theta"))
                .or(() -> config.json().findDouble(name))
                .orElse(fallback);
    }
}
