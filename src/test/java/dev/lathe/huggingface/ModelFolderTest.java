package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.CompressedModel;
import dev.lathe.Model;
import dev.lathe.OnEveryKernelSet;
import dev.lathe.ReferenceData;
import dev.lathe.Session;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.TestJson;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders against the logits and tokens of the library that they were made with. */
@OnEveryKernelSet
class ModelFolderTest {
    @ParameterizedTest
    @ValueSource(strings = {"llama-bf16", "qwen3-f16-sharded", "gemma3-f32"})
    void logitsAgreeAndAFileMadeOfTheFolderGivesTheSameBits(String name, @TempDir Path target) throws IOException {
        Path folder = ReferenceData.require("hf/" + name);
        Map<String, Object> reference = TestJson.map(TestJson.read(folder.resolve("logits.json")));
        int[] tokens = ids(reference.get("tokens"));
        float[] expected = floats(folder.resolve("logits.f32"));
        Path file = target.resolve("model.gguf");
        try (ModelFolder source = ModelFolder.open(folder)) {
            GgufWriter.to(file).copyOf(source).write();
        }
        float[] logits = logits(folder, tokens);
        ReferenceData.assertClose(expected, logits, 1e-4);
        assertArrayEquals(logits, logits(file, tokens));
    }

    private static float[] logits(Path model, int[] tokens) throws IOException {
        try (Model loaded = Model.load(model);
                Session session = loaded.newSession()) {
            FloatMatrix logits = session.logits(tokens);
            float[] values = new float[logits.rows() * logits.columns()];
            for (int row = 0; row < logits.rows(); row++) {
                System.arraycopy(logits.data(), logits.offset(row), values, row * logits.columns(), logits.columns());
            }
            return values;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-bf16", "qwen3-f16-sharded", "gemma3-f32"})
    void tokensAgree(String name) throws IOException {
        Path folder = ReferenceData.require("hf/" + name);
        Tokenizer tokenizer;
        try (ModelFolder source = ModelFolder.open(folder)) {
            tokenizer = Tokenizer.from(source.metadata());
        }
        List<?> strings = (List<?>)
                TestJson.map(TestJson.read(folder.resolve("tokens.json"))).get("strings");
        int different = 0;
        StringBuilder first = new StringBuilder();
        for (Object each : strings) {
            Map<String, Object> expected = TestJson.map(each);
            String text = (String) expected.get("text");
            if (!Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
                continue; // GGUF files have no key for it, and byte-level tokenizers do not bring texts into this form.
            }
            for (String key : List.of("ids", "withSpecial")) {
                int[] found = tokenizer.encode(text, key.equals("withSpecial"), true);
                if (!java.util.Arrays.equals(ids(expected.get(key)), found)) {
                    different++;
                    first.append(
                            different > 5
                                    ? ""
                                    : "\n" + text + " " + expected.get(key) + " " + java.util.Arrays.toString(found));
                }
            }
        }
        assertEquals(0, different, first.toString());
    }

    @Test
    void transformsTakeAFolder(@TempDir Path target) throws IOException {
        Path folder = ReferenceData.require("hf/llama-bf16");
        Path file = target.resolve("small.gguf");
        try (CompressedModel made = Model.compress(folder, Recipe.of(Quantize.to(TensorType.Q8_0)))) {
            made.save(file);
        }
        try (Model model = Model.load(file);
                Session session = model.newSession()) {
            assertEquals(5, session.generate("Once").maxTokens(5).run().tokenIds().length);
        }
    }

    private static int[] ids(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
