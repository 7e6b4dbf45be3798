package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matrices in FP8 and their factors; what they give is compared in {@link FolderReferenceTest}. */
class Float8MatrixTest {
    private static final Path FOLDER = Path.of("src/test/resources/references/qwen3-fp8");

    @TempDir
    private Path folder;

    @Test
    void numbersGrowWithTheirBitsFromASignedZeroToTheLargest() {
        assertEquals(0f, Float8Matrix.value((byte) 0));
        assertEquals(0x1p-9f, Float8Matrix.value((byte) 1));
        assertEquals(0x1p-6f, Float8Matrix.value((byte) 8));
        assertEquals(1f, Float8Matrix.value((byte) 0x38));
        assertEquals(448f, Float8Matrix.value((byte) 0x7E));
        assertTrue(Float.isNaN(Float8Matrix.value((byte) 0x7F)) && Float.isNaN(Float8Matrix.value((byte) 0xFF)));
        for (int code = 1; code < 0x7F; code++) {
            assertTrue(Float8Matrix.value((byte) code) > Float8Matrix.value((byte) (code - 1)));
            assertEquals(-Float8Matrix.value((byte) code), Float8Matrix.value((byte) (code | 0x80)));
        }
    }

    @Test
    void matricesAreReadAsFloats() throws IOException {
        try (ModelFolder source = ModelFolder.open(FOLDER)) {
            for (TensorInfo tensor : source.tensors()) {
                boolean plain =
                        tensor.name().startsWith("token_embd") || tensor.name().startsWith("output.");
                assertEquals(plain ? TensorType.F16 : TensorType.F32, tensor.type(), tensor.name());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "config.json, 20, 8, its factors are",
        "config.json, 24, 0, 'weight_block_size'",
        "model.safetensors, 0.self_attn.q_proj.weight_scale_inv, 0.self_attn.q_proj.weight_scale_abc, are missing",
    })
    void whatDoesNotFitIsOneClearException(String file, String before, String after, String told) throws IOException {
        for (String name :
                new String[] {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}) {
            Files.copy(FOLDER.resolve(name), folder.resolve(name));
        }
        String content = Files.readString(FOLDER.resolve(file), StandardCharsets.ISO_8859_1);
        String changed = file.equals("config.json")
                ? content.replaceFirst("\\b" + before + "\\b(?=[^\"]*\\])", after)
                : content.replace(before, after);
        Files.writeString(folder.resolve(file), changed, StandardCharsets.ISO_8859_1);
        ModelFolderException refusal = assertThrows(ModelFolderException.class, () -> ModelFolder.open(folder));
        assertTrue(refusal.getMessage().contains(told), refusal.getMessage());
    }
}
