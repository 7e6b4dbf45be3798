package dev.lathe.huggingface;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.TensorName;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A small model of random weights as a GGUF file has it, and the same as a folder of the family's. */
final class FamilyFolder {
    private static final int VOCABULARY = 260;
    private static final int LAYERS = 4;
    private static final int HEADS = 4;
    private static final int KEY_VALUE_HEADS = 2;
    private static final int HEAD_SIZE = 16;

    /** The model types that are tried. */
    static final List<String> TYPES = List.of(
            "qwen3_moe",
            "olmoe",
            "mixtral",
            "phi3",
            "olmo2",
            "smollm3",
            "cohere",
            "hunyuan_v1_dense",
            "olmo",
            "xverse",
            "glm",
            "deepseek");

    /** Those whose files have pairs of a head's values as neighbours, and folders as halves. */
    private static final List<String> ROTATED_BY_NEIGHBOURS =
            List.of("mixtral", "smollm3", "olmo", "xverse", "deepseek");

    final ModelEdit file;
    final TinyFolder folder = new TinyFolder();
    private final String type;

    FamilyFolder(String type) throws IOException {
        this.type = type;
        String family =
                switch (type) {
                    case "qwen3_moe" -> "qwen3moe";
                    case "cohere" -> "command-r";
                    case "hunyuan_v1_dense" -> "hunyuan-dense";
                    case "glm" -> "chatglm";
                    case "mixtral" -> "qwen3moe"; // its tensors but the norms of heads
                    default -> type;
                };
        file = new ModelEdit(new RandomFamilyFile(family, VOCABULARY));
        if (type.equals("mixtral")) {
            becomeMixtral();
        } else if (!type.equals("phi3")) {
            file.setMetadata(file.metadata().toBuilder()
                    .remove(family + ".attention.sliding_window")
                    .build());
        } else {
            stretch();
        }
        if (type.equals("hunyuan_v1_dense")) {
            file.setMetadata(file.metadata().toBuilder()
                    .float32("hunyuan-dense.rope.freq_base", (float) (10_000 * Math.pow(50, 16 / 14.0)))
                    .build());
        } else if (type.equals("olmo")) {
            file.setMetadata(file.metadata().toBuilder()
                    .float32("olmo.attention.clamp_kqv", 1.5f)
                    .build());
        }
        for (TensorInfo tensor : file.tensors()) {
            if (tensor.name().endsWith("exp_probs_b.bias")) {
                file.remove(tensor.name());
            }
        }
        if (type.startsWith("olmo") || type.equals("phi3")) {
            file.putMatrix("output.weight", file.floats("token_embd.weight"));
        }
        folder.weights.clear();
        folder.shapes.clear();
        describe();
        for (TensorInfo tensor : file.tensors()) {
            add(tensor);
        }
    }

    private void becomeMixtral() throws IOException {
        Metadata.Builder keys = Metadata.builder();
        for (String key : file.metadata().keys()) {
            if (!key.endsWith("sliding_window")) {
                keys.put(
                        key.replace("qwen3moe", "llama"),
                        file.metadata().find(key).orElseThrow());
            }
        }
        file.setMetadata(keys.remove("general.architecture")
                .string("general.architecture", "llama")
                .build());
        for (int layer = 0; layer < LAYERS; layer++) {
            file.remove(TensorName.prefix(layer) + "attn_q_norm.weight");
            file.remove(TensorName.prefix(layer) + "attn_k_norm.weight");
        }
    }

    /** Frequencies of their own for long contexts. */
    private void stretch() {
        file.setMetadata(file.metadata().toBuilder()
                .uint32("phi3.rope.scaling.original_context_length", 32)
                .float32("phi3.rope.scaling.attn_factor", (float) Math.sqrt(1 + Math.log(2) / Math.log(32)))
                .build());
        file.putVector("rope_factors_short.weight", factors(1.25));
        file.putVector("rope_factors_long.weight", factors(1.5));
    }

    private static float[] factors(double base) {
        float[] factors = new float[HEAD_SIZE / 2];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (base + 0.25 * i);
        }
        return factors;
    }

    private void describe() {
        Map<String, Object> config = folder.config;
        config.put("model_type", type);
        config.put("hidden_size", 64);
        config.put("intermediate_size", 96);
        config.put("num_hidden_layers", LAYERS);
        config.put("num_attention_heads", HEADS);
        config.put("num_key_value_heads", KEY_VALUE_HEADS);
        config.put("head_dim", HEAD_SIZE);
        config.put("num_experts", 6);
        config.put("num_local_experts", 6);
        config.put("num_experts_per_tok", 2);
        config.put("moe_intermediate_size", 32);
        config.put("norm_topk_prob", type.equals("qwen3_moe"));
        config.put("vocab_size", VOCABULARY);
        config.put("tie_word_embeddings", file.tensor("output.weight").isEmpty());
        switch (type) {
            case "olmoe", "mixtral" -> config.put("intermediate_size", 32);
            case "cohere" -> {
                config.put("use_qk_norm", true);
                config.put("layer_norm_eps", 1e-5);
                config.put("logit_scale", 1.0);
            }
            case "hunyuan_v1_dense" -> config.put("rope_scaling", Map.of("type", "dynamic", "alpha", 50.0));
            case "glm" -> config.put("partial_rotary_factor", 1.0);
            case "deepseek" -> config.put("n_routed_experts", 6);
            case "olmo" -> config.put("clip_qkv", 1.5);
            case "smollm3" -> config.put("no_rope_layers", List.of(1, 1, 1, 0));
            case "phi3" -> {
                Map<String, Object> scaling = new LinkedHashMap<>();
                scaling.put("type", "longrope");
                scaling.put("short_factor", doubles(factors(1.25)));
                scaling.put("long_factor", doubles(factors(1.5)));
                config.put("rope_scaling", scaling);
                config.put("original_max_position_embeddings", 32);
                config.put("sliding_window", 5);
            }
            default -> {}
        }
    }

    private static List<Double> doubles(float[] values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> (double) values[i])
                .toList();
    }

    private void add(TensorInfo tensor) throws IOException {
        TensorName name = TensorName.of(tensor.name());
        FloatMatrix values = file.floats(tensor.name());
        if (name.layer() < 0) {
            switch (tensor.name()) {
                case "token_embd.weight" -> put("model.embed_tokens.weight", values);
                case "output.weight" -> put("lm_head.weight", values);
                case "output_norm.weight" -> put("model.norm.weight", values);
                default -> {} // factors, which are in the configuration
            }
            return;
        }
        String layer = "model.layers." + name.layer() + ".";
        String stem = name.role().stem();
        if (stem.endsWith("_exps")) {
            experts(layer, stem, values);
            return;
        }
        switch (stem) {
            case "attn_norm" -> put(layer + "input_layernorm.weight", values);
            case "ffn_norm" -> put(layer + "post_attention_layernorm.weight", values);
            case "post_attention_norm" -> put(layer + "post_attention_layernorm.weight", values);
            case "post_ffw_norm" -> put(layer + "post_feedforward_layernorm.weight", values);
            case "attn_q" -> queries(layer, name.layer(), values);
            case "attn_k", "attn_v" -> {
                if (!type.equals("phi3")) {
                    put(
                            layer + "self_attn." + stem.charAt(5) + "_proj.weight",
                            stem.equals("attn_k") ? halves(values) : values);
                }
            }
            case "attn_q_norm", "attn_k_norm" -> put(layer + "self_attn." + headNorm(stem) + ".weight", values);
            case "attn_output" -> put(layer + "self_attn.o_proj.weight", values);
            case "ffn_gate_inp" ->
                put(layer + (type.equals("mixtral") ? "block_sparse_moe.gate.weight" : "mlp.gate.weight"), values);
            case "ffn_up" ->
                put(
                        layer + (List.of("phi3", "glm").contains(type) ? "mlp.gate_up_proj" : "mlp.up_proj")
                                + ".weight",
                        values);
            case "ffn_gate" -> put(layer + "mlp.gate_proj.weight", values);
            case "ffn_down" -> put(layer + "mlp.down_proj.weight", values);
            default -> throw new AssertionError(tensor.name());
        }
    }

    private String headNorm(String stem) {
        if (type.equals("hunyuan_v1_dense")) {
            return stem.equals("attn_q_norm") ? "query_layernorm" : "key_layernorm";
        }
        return stem.charAt(5) + "_norm";
    }

    private void queries(String layer, int number, FloatMatrix queries) throws IOException {
        if (!type.equals("phi3")) {
            put(layer + "self_attn.q_proj.weight", halves(queries));
            return;
        }
        FloatMatrix keys = file.floats(TensorName.prefix(number) + "attn_k.weight");
        FloatMatrix values = file.floats(TensorName.prefix(number) + "attn_v.weight");
        float[] all = Arrays.copyOf(queries.data(), queries.data().length + 2 * keys.data().length);
        System.arraycopy(keys.data(), 0, all, queries.data().length, keys.data().length);
        System.arraycopy(values.data(), 0, all, queries.data().length + keys.data().length, keys.data().length);
        put(layer + "self_attn.qkv_proj.weight", new FloatMatrix(all, all.length / 64, 64));
    }

    private void experts(String layer, String stem, FloatMatrix stack) {
        boolean mixtral = type.equals("mixtral");
        String matrix =
                switch (stem) {
                    case "ffn_gate_exps" -> mixtral ? "w1" : "gate_proj";
                    case "ffn_up_exps" -> mixtral ? "w3" : "up_proj";
                    default -> mixtral ? "w2" : "down_proj";
                };
        int rows = stack.rows() / 6;
        for (int expert = 5; expert >= 0; expert--) {
            float[] values =
                    Arrays.copyOfRange(stack.data(), stack.offset(expert * rows), stack.offset((expert + 1) * rows));
            put(
                    layer + (mixtral ? "block_sparse_moe" : "mlp") + ".experts." + expert + "." + matrix + ".weight",
                    new FloatMatrix(values, rows, stack.columns()));
        }
    }

    /** Rows of heads as folders have them, where files have pairs as neighbours. */
    private FloatMatrix halves(FloatMatrix pairs) {
        if (!ROTATED_BY_NEIGHBOURS.contains(type)) {
            return pairs;
        }
        FloatMatrix halves = FloatMatrix.zeros(pairs.rows(), pairs.columns());
        for (int row = 0; row < pairs.rows(); row++) {
            int inHead = row % HEAD_SIZE;
            int to = row - inHead + inHead / 2 + (inHead % 2) * HEAD_SIZE / 2;
            System.arraycopy(pairs.data(), pairs.offset(row), halves.data(), halves.offset(to), pairs.columns());
        }
        return halves;
    }

    private void put(String name, FloatMatrix values) {
        if (values.rows() == 1) {
            folder.put(name, values.data(), values.columns());
        } else {
            folder.put(name, values.data(), values.rows(), values.columns());
        }
    }
}
