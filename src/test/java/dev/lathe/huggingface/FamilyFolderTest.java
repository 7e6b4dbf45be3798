package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.gguf.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A folder of a family is what its GGUF file is. */
class FamilyFolderTest {
    private static final int[] TOKENS = new Random(5).ints(48, 0, 260).toArray();

    static List<String> types() {
        return FamilyFolder.TYPES;
    }

    @ParameterizedTest
    @MethodSource("types")
    void aFolderGivesTheLogitsOfItsFileToTheBit(String type, @TempDir Path path) throws IOException {
        FamilyFolder model = new FamilyFolder(type);
        model.folder.write(path);
        float[] expected = ToyFiles.logits(model.file, TOKENS);
        try (ModelFolder folder = ModelFolder.open(path)) {
            assertArrayEquals(expected, ToyFiles.logits(new ModelEdit(folder), TOKENS));
            for (TensorInfo tensor : model.file.tensors()) {
                if (!type.equals("phi3") || !tensor.name().matches(".*attn_[qkv]\\.weight")) {
                    assertEquals(
                            tensor.dimensions(),
                            folder.tensor(tensor.name()).orElseThrow().dimensions());
                }
            }
        }
    }

    @Test
    void expertsThatAreMissingOrTooManyAreNamed(@TempDir Path path) throws IOException {
        FamilyFolder model = new FamilyFolder("qwen3_moe");
        float[] gone = model.folder.weights.remove("model.layers.1.mlp.experts.3.up_proj.weight");
        model.folder.write(path);
        assertTrue(refusal(path).contains("blk.1.ffn_up_exps.weight lacks the matrix of expert 3"), refusal(path));
        model.folder.put("model.layers.1.mlp.experts.3.up_proj.weight", gone, 64, 32);
        model.folder.write(path);
        assertTrue(refusal(path).contains("another part of blk.1.ffn_up_exps.weight"), refusal(path));
        model.folder.put("model.layers.1.mlp.experts.3.up_proj.weight", gone, 32, 64);
        model.folder.put("model.layers.1.mlp.experts.6.up_proj.weight", gone, 32, 64);
        model.folder.write(path);
        assertTrue(refusal(path).contains("the configuration has 6"), refusal(path));
    }

    @Test
    void whatAFamilyIsNotKnownToDoIsRefused(@TempDir Path path) throws IOException {
        for (Map.Entry<String, Map<String, Object>> change : Map.<String, Map<String, Object>>of(
                        "qwen3_moe", Map.of("norm_topk_prob", false, "mlp_only_layers", List.of(1)),
                        "olmoe", Map.of("clip_qkv", 8.0, "norm_topk_prob", true),
                        "olmo2", Map.of("clip_qkv", 8.0, "hidden_act", "gelu"),
                        "smollm3", Map.of("no_rope_layers", List.of(1, 0, 1, 0), "no_rope_layer_interval", 3),
                        "phi3", Map.of("partial_rotary_factor", 0.5, "rope_scaling", Map.of("type", "longrope")))
                .entrySet()) {
            for (Map.Entry<String, Object> one : change.getValue().entrySet()) {
                FamilyFolder model = new FamilyFolder(change.getKey());
                model.folder.config.put(one.getKey(), one.getValue());
                model.folder.write(path);
                assertTrue(!refusal(path).isBlank(), change.getKey() + " with " + one);
            }
        }
    }

    private static String refusal(Path path) {
        return assertThrows(
                        ModelFolderException.class, () -> ModelFolder.open(path).close())
                .getMessage();
    }
}
