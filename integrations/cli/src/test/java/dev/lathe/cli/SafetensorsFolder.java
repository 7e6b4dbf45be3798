package dev.lathe.cli;

import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A folder as Hugging Face serves it: a Llama of one layer and random weights, with the repository's tokenizer. */
final class SafetensorsFolder {
    private static final int HIDDEN = 32;
    private static final int VOCABULARY = 4096;

    private SafetensorsFolder() {}

    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.copy(Path.of(CliRun.MODELS, "tokenizer.json"), folder.resolve("tokenizer.json"));
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model_type", "llama");
        config.put("hidden_act", "silu");
        config.put("hidden_size", HIDDEN);
        config.put("intermediate_size", HIDDEN);
        config.put("num_hidden_layers", 1);
        config.put("num_attention_heads", 2);
        config.put("max_position_embeddings", 64);
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 10000.0);
        config.put("tie_word_embeddings", true);
        config.put("vocab_size", VOCABULARY);
        Files.writeString(folder.resolve("config.json"), JsonValue.of(config).toJson());
        Map<String, List<Integer>> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", List.of(VOCABULARY, HIDDEN));
        shapes.put("model.norm.weight", List.of(HIDDEN));
        for (String vector : List.of("input_layernorm", "post_attention_layernorm")) {
            shapes.put("model.layers.0." + vector + ".weight", List.of(HIDDEN));
        }
        for (String matrix : List.of(
                "self_attn.q_proj",
                "self_attn.k_proj",
                "self_attn.v_proj",
                "self_attn.o_proj",
                "mlp.gate_proj",
                "mlp.up_proj",
                "mlp.down_proj")) {
            shapes.put("model.layers.0." + matrix + ".weight", List.of(HIDDEN, HIDDEN));
        }
        Files.write(folder.resolve("model.safetensors"), tensors(shapes));
        return folder;
    }

    private static byte[] tensors(Map<String, List<Integer>> shapes) {
        Map<String, Object> header = new LinkedHashMap<>();
        int end = 0;
        for (Map.Entry<String, List<Integer>> tensor : shapes.entrySet()) {
            int begin = end;
            end += Float.BYTES
                    * tensor.getValue().stream().mapToInt(Integer::intValue).reduce(1, (a, b) -> a * b);
            header.put(
                    tensor.getKey(),
                    Map.of("dtype", "F32", "shape", tensor.getValue(), "data_offsets", List.of(begin, end)));
        }
        byte[] json = JsonValue.of(header).toJson().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        Random random = new Random(1);
        while (bytes.hasRemaining()) {
            bytes.putFloat((float) random.nextGaussian());
        }
        return bytes.array();
    }
}
