package dev.lathe.huggingface;

import java.util.Map;

/** EXAONE 3 and 3.5: Llama by other names. */
final class ExaoneFamily extends NamedFamily {
    private static final Map<String, String> WHOLE =
            Map.of("model.transformer.wte", "token_embd", "model.transformer.ln_f", "output_norm", "lm_head", "output");

    private static final Map<String, String> LAYER = Map.of(
            "ln_1", "attn_norm",
            "attn.attention.q_proj", "attn_q",
            "attn.attention.k_proj", "attn_k",
            "attn.attention.v_proj", "attn_v",
            "attn.attention.out_proj", "attn_output",
            "ln_2", "ffn_norm",
            "mlp.c_fc_0", "ffn_gate",
            "mlp.c_fc_1", "ffn_up",
            "mlp.c_proj", "ffn_down");

    ExaoneFamily() {
        super("exaone", "model.transformer.h.", WHOLE, LAYER);
    }

    @Override
    Config usual(Config config) {
        return config.renamed(Map.of(
                "num_layers", "num_hidden_layers",
                "activation_function", "hidden_act",
                "layer_norm_epsilon", "rms_norm_eps"));
    }
}
