package dev.lathe.huggingface;

import java.util.List;
import java.util.Map;

/** StarCoder and SantaCoder: as GPT-2 with one head of keys, matrices stored as usual. */
final class GptBigCodeFamily extends Gpt2Family {
    GptBigCodeFamily() {
        super("starcoder");
    }

    @Override
    String activation() {
        return "gelu_pytorch_tanh";
    }

    @Override
    Config usual(Config named) {
        Config config = super.usual(named);
        return config.json().findBoolean("multi_query").orElse(true) ? config.with("num_key_value_heads", 1) : config;
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        return name.contains(".attn_qkv.")
                ? Map.of(name, queryKeyValue(tensor, config))
                : Map.of(name, List.of(tensor));
    }
}
