package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.lathe.Model;
import dev.lathe.ReferenceData;
import dev.lathe.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Families that compute what Llama does, from folders with names and orders of their own. */
class OtherNamesTest {
    private static final int[] TOKENS = {3, 1, 4, 1, 5, 9, 2, 6};

    private final TinyFolder llama = new TinyFolder();

    @TempDir
    private Path folder;

    @Test
    void exaone() throws IOException {
        float[] expected = logits();
        llama.config.put("model_type", "exaone");
        rename(Map.of(
                "num_hidden_layers",
                "num_layers",
                "hidden_act",
                "activation_function",
                "rms_norm_eps",
                "layer_norm_epsilon"));
        renameTensors(
                "model.embed_tokens", "model.transformer.wte",
                "model.norm", "model.transformer.ln_f",
                "model.layers.", "model.transformer.h.",
                "input_layernorm", "ln_1",
                "post_attention_layernorm", "ln_2",
                "self_attn.o_proj", "attn.attention.out_proj",
                "self_attn.", "attn.attention.",
                "mlp.gate_proj", "mlp.c_fc_0",
                "mlp.up_proj", "mlp.c_fc_1",
                "mlp.down_proj", "mlp.c_proj");
        ReferenceData.assertClose(expected, logits(), 1e-6); // halves rotate: another order of summation
    }

    @Test
    void internLm2() throws IOException {
        float[] expected = logits();
        llama.config.put("model_type", "internlm2");
        String layer = "model.layers.0.";
        float[] all = Arrays.copyOf(llama.weights.remove(layer + "self_attn.q_proj.weight"), 16 * TinyFolder.HIDDEN);
        float[] keys = llama.weights.remove(layer + "self_attn.k_proj.weight");
        float[] values = llama.weights.remove(layer + "self_attn.v_proj.weight");
        System.arraycopy(keys, 0, all, 8 * TinyFolder.HIDDEN, keys.length);
        System.arraycopy(values, 0, all, 12 * TinyFolder.HIDDEN, values.length);
        llama.put(layer + "attention.wqkv.weight", all, 16, TinyFolder.HIDDEN);
        renameTensors(
                "model.embed_tokens", "model.tok_embeddings",
                "input_layernorm", "attention_norm",
                "post_attention_layernorm", "ffn_norm",
                "self_attn.o_proj", "attention.wo",
                "mlp.gate_proj", "feed_forward.w1",
                "mlp.up_proj", "feed_forward.w3",
                "mlp.down_proj", "feed_forward.w2");
        assertArrayEquals(expected, logits());
    }

    @Test
    void miniCpmWithFactorsOfOne() throws IOException {
        float[] expected = logits();
        llama.config.put("model_type", "minicpm");
        llama.config.put("scale_emb", 1);
        llama.config.put("scale_depth", 1.0);
        llama.config.put("dim_model_base", TinyFolder.HIDDEN);
        assertArrayEquals(expected, logits());
    }

    private float[] logits() throws IOException {
        llama.write(folder);
        try (Model model = Model.load(folder);
                Session session = model.newSession()) {
            return session.logits(TOKENS).data();
        }
    }

    private void rename(Map<String, String> keys) {
        keys.forEach((usual, own) -> llama.config.put(own, llama.config.remove(usual)));
    }

    /** Replaces parts of names, each first one by the second. */
    private void renameTensors(String... pairs) {
        Map<String, float[]> weights = new LinkedHashMap<>(llama.weights);
        Map<String, List<Integer>> shapes = new LinkedHashMap<>(llama.shapes);
        llama.weights.clear();
        weights.forEach((name, values) -> {
            String renamed = name;
            for (int i = 0; i < pairs.length; i += 2) {
                renamed = renamed.replace(pairs[i], pairs[i + 1]);
            }
            llama.weights.put(renamed, values);
            llama.shapes.put(renamed, shapes.get(name));
        });
    }
}
