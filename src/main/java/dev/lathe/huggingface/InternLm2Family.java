package dev.lathe.huggingface;

import java.util.List;
import java.util.Map;

/** InternLM 2 and 2.5: Llama whose folders have queries, keys and values of each group in one matrix. */
final class InternLm2Family extends NamedFamily {
    private static final Map<String, String> WHOLE =
            Map.of("model.tok_embeddings", "token_embd", "model.norm", "output_norm", "model.output", "output");

    private static final Map<String, String> LAYER = Map.of(
            "attention_norm", "attn_norm",
            "attention.wqkv", "attn_qkv",
            "attention.wo", "attn_output",
            "ffn_norm", "ffn_norm",
            "feed_forward.w1", "ffn_gate",
            "feed_forward.w3", "ffn_up",
            "feed_forward.w2", "ffn_down");

    InternLm2Family() {
        super("internlm2", "model.layers.", WHOLE, LAYER);
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        if (!name.contains(".attn_qkv.")) {
            return super.arrange(name, tensor, config);
        }
        List<TensorView> parts = FusedFamily.queryKeyValue(tensor, config);
        return Map.of(
                name.replace("attn_qkv", "attn_q"),
                        List.of(neighbours(parts.get(0), config.headCount(), config.headSize())),
                name.replace("attn_qkv", "attn_k"),
                        List.of(neighbours(parts.get(1), config.keyValueHeadCount(), config.headSize())),
                name.replace("attn_qkv", "attn_v"), List.of(parts.get(2)));
    }
}
