package dev.lathe.huggingface;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An encoder as a GGUF file has it, and the same as a folder. */
final class EncoderFolder {
    /** The model types that are tried. */
    static final List<String> TYPES = List.of("bert", "xlm-roberta", "modernbert", "nomic_bert");

    private static final int VOCABULARY = 260;

    private static final Map<String, String> BERT = Map.ofEntries(
            Map.entry("token_embd", "embeddings.word_embeddings"),
            Map.entry("position_embd", "embeddings.position_embeddings"),
            Map.entry("token_types", "embeddings.token_type_embeddings"),
            Map.entry("token_embd_norm", "embeddings.LayerNorm"),
            Map.entry("attn_q", "encoder.layer.N.attention.self.query"),
            Map.entry("attn_k", "encoder.layer.N.attention.self.key"),
            Map.entry("attn_v", "encoder.layer.N.attention.self.value"),
            Map.entry("attn_output", "encoder.layer.N.attention.output.dense"),
            Map.entry("attn_output_norm", "encoder.layer.N.attention.output.LayerNorm"),
            Map.entry("ffn_up", "encoder.layer.N.intermediate.dense"),
            Map.entry("ffn_down", "encoder.layer.N.output.dense"),
            Map.entry("layer_output_norm", "encoder.layer.N.output.LayerNorm"));

    private static final Map<String, String> NOMIC = Map.ofEntries(
            Map.entry("token_embd", "embeddings.word_embeddings"),
            Map.entry("token_types", "embeddings.token_type_embeddings"),
            Map.entry("token_embd_norm", "emb_ln"),
            Map.entry("attn_qkv", "encoder.layers.N.attn.Wqkv"),
            Map.entry("attn_output", "encoder.layers.N.attn.out_proj"),
            Map.entry("attn_output_norm", "encoder.layers.N.norm1"),
            Map.entry("ffn_up", "encoder.layers.N.mlp.fc11"),
            Map.entry("ffn_gate", "encoder.layers.N.mlp.fc12"),
            Map.entry("ffn_down", "encoder.layers.N.mlp.fc2"),
            Map.entry("layer_output_norm", "encoder.layers.N.norm2"));

    private static final Map<String, String> MODERN = Map.ofEntries(
            Map.entry("token_embd", "embeddings.tok_embeddings"),
            Map.entry("token_embd_norm", "embeddings.norm"),
            Map.entry("output_norm", "final_norm"),
            Map.entry("cls", "head.dense"),
            Map.entry("cls.norm", "head.norm"),
            Map.entry("cls.output", "classifier"),
            Map.entry("attn_norm", "layers.N.attn_norm"),
            Map.entry("attn_qkv", "layers.N.attn.Wqkv"),
            Map.entry("attn_output", "layers.N.attn.Wo"),
            Map.entry("ffn_norm", "layers.N.mlp_norm"),
            Map.entry("ffn_up", "layers.N.mlp.Wi"),
            Map.entry("ffn_down", "layers.N.mlp.Wo"));

    final TinyFolder folder = new TinyFolder();
    private final String type;
    private final ModelEdit file;

    EncoderFolder(String type, TensorSource source) throws IOException {
        this.type = type;
        this.file = new ModelEdit(source);
        folder.weights.clear();
        folder.shapes.clear();
        for (TensorInfo tensor : source.tensors()) {
            add(tensor.name());
        }
        describe();
    }

    /** A file of random weights, without the window that folders of most types cannot say. */
    static ModelEdit randomFile(String type) {
        String family =
                switch (type) {
                    case "modernbert" -> "modern-bert";
                    case "nomic_bert" -> "nomic-bert";
                    default -> "bert";
                };
        ModelEdit file = new ModelEdit(new RandomFamilyFile(family, VOCABULARY));
        if (!type.equals("modernbert")) {
            file.setMetadata(file.metadata().toBuilder()
                    .remove(family + ".attention.sliding_window")
                    .build());
        }
        return file;
    }

    private void add(String name) throws IOException {
        FloatMatrix values = file.floats(name);
        String suffix = name.substring(name.lastIndexOf('.'));
        String stem = name.substring(0, name.length() - suffix.length());
        String layer = stem.startsWith("blk.") ? stem.split("\\.")[1] : "";
        String role = layer.isEmpty() ? stem : stem.substring(5 + layer.length());
        Map<String, String> names =
                switch (type) {
                    case "modernbert" -> MODERN;
                    case "nomic_bert" -> NOMIC;
                    default -> BERT;
                };
        if (role.matches("attn_[qkv]") && !names.containsKey(role)) {
            if (role.equals("attn_q")) {
                fuse(
                        stem.substring(0, stem.length() - 1),
                        names.get("attn_qkv").replace(".N.", "." + layer + ".") + suffix,
                        suffix);
            }
            return;
        }
        String renamed = names.get(role).replace(".N.", "." + layer + ".") + suffix;
        if (type.equals("xlm-roberta") && role.equals("position_embd")) {
            float[] shifted = new float[values.data().length + 2 * values.columns()];
            System.arraycopy(values.data(), 0, shifted, 2 * values.columns(), values.data().length);
            values = new FloatMatrix(shifted, values.rows() + 2, values.columns());
        }
        put(renamed, values, file.tensor(name).orElseThrow().dimensions().size());
    }

    private void fuse(String stem, String name, String suffix) throws IOException {
        FloatMatrix queries = file.floats(stem + "q" + suffix);
        float[] all = new float[3 * queries.data().length];
        int to = 0;
        for (String part : List.of("q", "k", "v")) {
            float[] values = file.floats(stem + part + suffix).data();
            System.arraycopy(values, 0, all, to, values.length);
            to += values.length;
        }
        put(name, new FloatMatrix(all, 3 * queries.rows(), queries.columns()), suffix.equals(".bias") ? 1 : 2);
    }

    private void put(String name, FloatMatrix values, int axes) {
        if (axes == 1) {
            folder.put(name, values.data(), values.data().length);
        } else {
            folder.put(name, values.data(), values.rows(), values.columns());
        }
    }

    private void describe() {
        String family = file.metadata().string("general.architecture");
        int positions = number(family, "context_length");
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model_type", type);
        config.put("vocab_size", (int) file.tensor("token_embd.weight")
                .orElseThrow()
                .dimensions()
                .get(1)
                .longValue());
        boolean nomic = type.equals("nomic_bert");
        config.put(nomic ? "n_embd" : "hidden_size", number(family, "embedding_length"));
        config.put(nomic ? "n_inner" : "intermediate_size", number(family, "feed_forward_length"));
        config.put(nomic ? "n_layer" : "num_hidden_layers", number(family, "block_count"));
        config.put(nomic ? "n_head" : "num_attention_heads", number(family, "attention.head_count"));
        double epsilon = file.metadata().number(family + ".attention.layer_norm_epsilon");
        switch (type) {
            case "nomic_bert" -> {
                config.put("n_positions", positions);
                config.put("activation_function", "swiglu");
                config.put("layer_norm_epsilon", epsilon);
                config.put("rotary_emb_base", 10000);
                config.put("rotary_emb_fraction", 1.0);
                config.put("prenorm", false);
                config.put("type_vocab_size", 2);
            }
            case "modernbert" -> {
                config.put("max_position_embeddings", positions);
                config.put("norm_eps", epsilon);
                config.put(
                        "global_rope_theta",
                        file.metadata().findNumber(family + ".rope.freq_base").orElse(1e4));
                config.put("local_rope_theta", 10000.0);
                config.put("local_attention", number(family, "attention.sliding_window"));
                config.put("hidden_activation", "gelu");
            }
            default -> {
                config.put("max_position_embeddings", type.equals("bert") ? positions : positions + 2);
                config.put("pad_token_id", type.equals("bert") ? 0 : 1);
                config.put("layer_norm_eps", epsilon);
                config.put("hidden_act", "gelu");
                config.put(
                        "type_vocab_size",
                        file.tensor("token_types.weight")
                                .orElseThrow()
                                .dimensions()
                                .get(1));
            }
        }
        folder.config.clear();
        folder.config.putAll(config);
    }

    private int number(String family, String key) {
        return file.metadata().intValue(family + "." + key);
    }
}
