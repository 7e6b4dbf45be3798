package dev.lathe.huggingface;

import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A folder with a model of one layer and random weights, made of maps that a test may change before they are written. */
final class TinyFolder {
    static final int HIDDEN = 8;
    static final int HEADS = 2;
    static final int HEAD_SIZE = 4;
    static final int FEED_FORWARD = 16;

    final Map<String, Object> config = new LinkedHashMap<>();
    final Map<String, Object> tokenizer = new LinkedHashMap<>();
    final Map<String, Object> options = new LinkedHashMap<>();
    final Map<String, float[]> weights = new LinkedHashMap<>();
    final Map<String, List<Integer>> shapes = new LinkedHashMap<>();

    TinyFolder() {
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        vocabulary.put("<|end|>", 0);
        for (int b = 0, others = 256; b < 256; b++) {
            boolean printable = b > ' ' && b < 127 || b > 160 && b != 173;
            vocabulary.put(Character.toString(printable ? b : others++), b + 1);
        }
        vocabulary.put("th", 257);
        vocabulary.put("the", 258);
        tokenizer.put("normalizer", null);
        tokenizer.put("pre_tokenizer", Map.of("type", "ByteLevel", "add_prefix_space", false, "use_regex", true));
        tokenizer.put("post_processor", Map.of("type", "ByteLevel"));
        tokenizer.put("added_tokens", List.of(Map.of("id", 0, "content", "<|end|>", "special", true)));
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("vocab", vocabulary);
        model.put("merges", List.of("t h", List.of("th", "e")));
        tokenizer.put("model", model);
        options.put("eos_token", "<|end|>");
        config.put("model_type", "llama");
        config.put("hidden_act", "silu");
        config.put("hidden_size", HIDDEN);
        config.put("intermediate_size", FEED_FORWARD);
        config.put("num_hidden_layers", 1);
        config.put("num_attention_heads", HEADS);
        config.put("num_key_value_heads", 1);
        config.put("head_dim", HEAD_SIZE);
        config.put("max_position_embeddings", 64);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 10000.0);
        config.put("tie_word_embeddings", true);
        config.put("vocab_size", 260);
        Random random = new Random(1);
        weight(random, "model.embed_tokens.weight", 260, HIDDEN);
        weight(random, "model.norm.weight", HIDDEN);
        String layer = "model.layers.0.";
        weight(random, layer + "input_layernorm.weight", HIDDEN);
        weight(random, layer + "post_attention_layernorm.weight", HIDDEN);
        weight(random, layer + "self_attn.q_proj.weight", HEADS * HEAD_SIZE, HIDDEN);
        weight(random, layer + "self_attn.k_proj.weight", HEAD_SIZE, HIDDEN);
        weight(random, layer + "self_attn.v_proj.weight", HEAD_SIZE, HIDDEN);
        weight(random, layer + "self_attn.o_proj.weight", HIDDEN, HEADS * HEAD_SIZE);
        weight(random, layer + "mlp.gate_proj.weight", FEED_FORWARD, HIDDEN);
        weight(random, layer + "mlp.up_proj.weight", FEED_FORWARD, HIDDEN);
        weight(random, layer + "mlp.down_proj.weight", HIDDEN, FEED_FORWARD);
    }

    /** Puts a tensor in place of another, or adds one. */
    void put(String name, float[] values, Integer... shape) {
        weights.put(name, values);
        shapes.put(name, List.of(shape));
    }

    private void weight(Random random, String name, Integer... shape) {
        int size = 1;
        for (int length : shape) {
            size *= length;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        weights.put(name, values);
        shapes.put(name, List.of(shape));
    }

    void write(Path folder) throws IOException {
        write(folder, config, tokenizer, options);
    }

    void write(Path folder, Object config, Object tokenizer, Object options) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), JsonValue.of(config).toJson(2));
        Files.writeString(
                folder.resolve("tokenizer.json"), JsonValue.of(tokenizer).toJson());
        Files.writeString(
                folder.resolve("tokenizer_config.json"), JsonValue.of(options).toJson());
        Map<String, Object> header = new LinkedHashMap<>();
        int end = 0;
        List<float[]> values = new ArrayList<>();
        for (String name : weights.keySet()) {
            int begin = end;
            values.add(weights.get(name));
            end += Float.BYTES * weights.get(name).length;
            header.put(name, Map.of("dtype", "F32", "shape", shapes.get(name), "data_offsets", List.of(begin, end)));
        }
        byte[] json = JsonValue.of(header).toJson().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (float[] each : values) {
            for (float value : each) {
                bytes.putFloat(value);
            }
        }
        Files.write(folder.resolve("model.safetensors"), bytes.array());
    }
}
