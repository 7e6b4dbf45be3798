package dev.lathe.huggingface;

import java.util.Map;

/**
 * Hunyuan without experts: heads are normed after they rotate, by frequencies for longer contexts than those of the
 * training.
 */
final class HunYuanDenseFamily extends Family {
    @Override
    String architecture() {
        return "hunyuan-dense";
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                super.layerNames(),
                Map.of("self_attn.query_layernorm", "attn_q_norm", "self_attn.key_layernorm", "attn_k_norm"));
    }
}
