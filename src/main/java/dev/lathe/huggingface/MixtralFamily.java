package dev.lathe.huggingface;

import java.util.Map;

/** Mixtral: Llama with experts. GGUF files rotate neighbours where the folders rotate the halves of a head. */
final class MixtralFamily extends ExpertsFamily {
    @Override
    String architecture() {
        return "llama";
    }

    @Override
    int expertCount(Config config) {
        return config.integer("num_local_experts");
    }

    @Override
    Map<String, String> expertNames() {
        return Map.of("w1", "ffn_gate_exps", "w3", "ffn_up_exps", "w2", "ffn_down_exps");
    }

    @Override
    Map<String, String> layerNames() {
        return with(super.layerNames(), Map.of("block_sparse_moe.gate", "ffn_gate_inp"));
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
