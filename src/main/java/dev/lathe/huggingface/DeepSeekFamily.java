package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonString;
import java.util.List;
import java.util.Map;

/**
 * DeepSeek V2, whose experts are scored by softmax, and V3, by sigmoids. The one matrix from latent vectors to keys and values is
 * two stacks in GGUF files, that of the keys with its columns as rows. Folders rotate neighbours.
 */
final class DeepSeekFamily extends RoutedFamily {
    private final boolean sigmoids;

    DeepSeekFamily(boolean sigmoids) {
        this.sigmoids = sigmoids;
    }

    @Override
    String architecture() {
        return "deepseek2";
    }

    @Override
    boolean hasSigmoids() {
        return sigmoids;
    }

    /** V2 never divides the weights. */
    @Override
    boolean normalizes(Config config) {
        return sigmoids && super.normalizes(config);
    }

    @Override
    boolean hasGroups(Config config) {
        String method = config.json().findText("topk_method").orElse(sigmoids ? "noaux_tc" : "greedy");
        if (!method.equals("greedy") && !method.equals(sigmoids ? "noaux_tc" : "group_limited_greedy")) {
            throw new JsonException("'topk_method' is " + method
                    + "; supported: greedy, group_limited_greedy of DeepSeek" + " V2, noaux_tc of DeepSeek V3");
        }
        return !method.equals("greedy") && super.hasGroups(config);
    }

    @Override
    void describe(Config config, Keys keys) {
        config.require("hidden_act", new JsonString(activation()));
        config.require("attention_bias", JsonLiteral.FALSE);
        config.require("rope_interleave", JsonLiteral.TRUE);
        config.require("scoring_func", new JsonString(sigmoids ? "sigmoid" : "softmax"));
        config.require("moe_layer_freq", new JsonNumber("1"));
        describeSizes(config, keys);
        int rank = config.integer("kv_lora_rank");
        int rotary = rotaryDimensions(config);
        keys.count("attention.head_count_kv", 1);
        keys.count("attention.kv_lora_rank", rank);
        config.findInteger("q_lora_rank").ifPresent(queries -> keys.count("attention.q_lora_rank", queries));
        keys.count("attention.key_length", (long) rank + rotary);
        keys.count("attention.value_length", rank);
        keys.count("attention.key_length_mla", (long) config.integer("qk_nope_head_dim") + rotary);
        keys.count("attention.value_length_mla", config.integer("v_head_dim"));
        keys.count("rope.dimension_count", rotary);
        describeNorms(config, keys);
        config.rope("full_attention").describe(config, keys);
        keys.count("expert_count", expertCount(config));
        keys.count("expert_used_count", config.integer("num_experts_per_tok"));
        describeRouting(config, keys);
    }

    @Override
    int rotaryDimensions(Config config) {
        return config.integer("qk_rope_head_dim");
    }

    @Override
    Map<String, String> layerNames() {
        return with(
                super.layerNames(),
                Map.of(
                        "self_attn.q_a_proj", "attn_q_a",
                        "self_attn.q_a_layernorm", "attn_q_a_norm",
                        "self_attn.q_b_proj", "attn_q_b",
                        "self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa",
                        "self_attn.kv_a_layernorm", "attn_kv_a_norm",
                        "self_attn.kv_b_proj", "attn_kv_b"));
    }

    @Override
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        if (!name.contains(".attn_kv_b.")) {
            return super.arrange(name, tensor, config);
        }
        int keys = config.integer("qk_nope_head_dim");
        int values = config.integer("v_head_dim");
        TensorView heads = tensor.split(0, config.headCount(), (long) keys + values);
        return Map.of(
                name.replace("attn_kv_b", "attn_k_b"),
                        List.of(heads.range(1, 0, keys).swap(1)),
                name.replace("attn_kv_b", "attn_v_b"), List.of(heads.range(1, keys, values)));
    }
}
