package dev.lathe.huggingface;

import dev.lathe.text.json.JsonLiteral;
import java.util.List;
import java.util.Map;

/** GPT-2: learned positions. Its matrices are stored with their columns as rows. */
class Gpt2Family extends FusedFamily {
    private static final Map<String, String> WHOLE = Map.of(
            "transformer.wte", "token_embd",
            "transformer.wpe", "position_embd",
            "transformer.ln_f", "output_norm",
            "lm_head", "output");

    private static final Map<String, String> LAYER = Map.of(
            "ln_1", "attn_norm",
            "attn.c_attn", "attn_qkv",
            "attn.c_proj", "attn_output",
            "ln_2", "ffn_norm",
            "mlp.c_fc", "ffn_up",
            "mlp.c_proj", "ffn_down");

    private static final Map<String, String> NAMES = Map.of(
            "n_embd", "hidden_size",
            "n_head", "num_attention_heads",
            "n_layer", "num_hidden_layers",
            "n_positions", "max_position_embeddings",
            "activation_function", "hidden_act");

    Gpt2Family() {
        this("gpt2");
    }

    Gpt2Family(String architecture) {
        super(architecture, "transformer.", "h.", WHOLE, LAYER);
    }

    @Override
    String activation() {
        return "gelu_new";
    }

    @Override
    Config usual(Config named) {
        Config config = named.renamed(NAMES);
        long inner = config.findInteger("n_inner").map(Integer::longValue).orElse(4L * config.integer("hidden_size"));
        return config.with("intermediate_size", inner).with("num_key_value_heads", config.headCount());
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("scale_attn_weights", JsonLiteral.TRUE);
        config.require("scale_attn_by_inverse_layer_idx", JsonLiteral.FALSE);
        config.require("add_cross_attention", JsonLiteral.FALSE);
        super.describe(config, keys);
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        boolean turned = name.startsWith("blk.") && tensor.axes().size() == 2;
        return Map.of(name, List.of(turned ? tensor.swap(0) : tensor));
    }
}
