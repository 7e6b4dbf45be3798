package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Embeddings;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.OnEveryKernelSet;
import dev.lathe.RankedDocument;
import dev.lathe.ReferenceData;
import dev.lathe.Session;
import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as Hugging Face Transformers saves them, against what it computes with them; a script beside them makes them. */
@OnEveryKernelSet
@Slow
class FolderReferenceTest {
    private static final Path FOLDERS = Path.of("src/test/resources/references");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "mistral",
                "qwen2",
                "qwen3",
                "qwen3_moe",
                "mixtral",
                "olmoe",
                "gemma3",
                "phi3",
                "olmo2",
                "olmo3",
                "smollm3",
                "qwen2_moe",
                "gemma",
                "gemma2",
                "phi",
                "granite",
                "glm4",
                "glm4_moe",
                "apertus",
                "cohere",
                "cohere2",
                "arcee",
                "seed_oss",
                "ernie4_5",
                "exaone4",
                "stablelm",
                "starcoder2",
                "nemotron",
                "gpt_neox",
                "falcon",
                "falcon-40b",
                "gpt2",
                "gpt_bigcode",
                "bloom",
                "granitemoe",
                "granitemoeshared",
                "gpt_oss",
                "deepseek_v2",
                "deepseek_v3",
                "dots1",
                "ministral3",
                "mistral3",
                "phi3-long",
                "ernie4_5_moe",
                "granitemoehybrid",
                "qwen3-fp8",
                "llama-fp8",
                "qwen2_5_vl",
                "qwen3_vl"
            })
    void aDecoderHasTheLogitsOfItsFolderAndAFileMadeOfItTheSameBits(String name, @TempDir Path target)
            throws IOException {
        Path folder = FOLDERS.resolve(name);
        int[] tokens = numbers(reference(folder).array("tokens"));
        float[] logits = logits(folder, tokens);
        ReferenceData.assertClose(floats(folder), logits, 1e-4);
        Path file = target.resolve("model.gguf");
        try (ModelFolder source = ModelFolder.open(folder)) {
            GgufWriter.to(file).copyOf(source).write();
        }
        assertArrayEquals(logits, logits(file, tokens));
    }

    /** A model of no more than the first training's context has the factors of short contexts. */
    @Test
    void aShortContextHasItsOwnFactors() throws IOException {
        Path folder = FOLDERS.resolve("phi3-long");
        int[] tokens = Arrays.copyOf(numbers(reference(folder).array("tokens")), 20);
        float[] expected = floats(folder.resolve("short.f32"));
        try (ModelFolder source = ModelFolder.open(folder)) {
            ModelEdit edit = new ModelEdit(source);
            edit.setMetadata(edit.metadata().toBuilder()
                    .remove("phi3.context_length")
                    .uint32("phi3.context_length", 32)
                    .build());
            try (Model model = Model.load(edit, LoadOptions.DEFAULT);
                    Session session = model.newSession()) {
                ReferenceData.assertClose(expected, session.logits(tokens).data(), 1e-4);
            }
        }
        assertThrows(AssertionError.class, () -> ReferenceData.assertClose(expected, logits(folder, tokens), 1e-2));
    }

    /** Decoded, since rounded activations choose other experts. */
    @Test
    void expertsInMxfp4HaveTheBlocksOfAFile(@TempDir Path target) throws IOException {
        Path folder = FOLDERS.resolve("gpt_oss-mxfp4");
        Path file = target.resolve("model.gguf");
        try (ModelFolder source = ModelFolder.open(folder)) {
            ModelEdit decoded = new ModelEdit(source);
            for (TensorInfo tensor : source.tensors()) {
                assertEquals(tensor.name().endsWith("_exps.weight"), tensor.type() == TensorType.MXFP4, tensor.name());
                if (tensor.type() == TensorType.MXFP4) {
                    decoded.putMatrix(tensor.name(), decoded.floats(tensor.name()));
                }
            }
            GgufWriter.to(file).copyOf(decoded).write();
        }
        int[] tokens = numbers(reference(folder).array("tokens"));
        ReferenceData.assertClose(floats(folder), logits(file, tokens), 1e-4);
    }

    private static float[] logits(Path path, int... tokens) throws IOException {
        try (Model model = Model.load(path);
                Session session = model.newSession()) {
            FloatMatrix logits = session.logits(tokens);
            return Arrays.copyOf(logits.data(), logits.rows() * logits.columns());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert",
                "roberta",
                "xlm-roberta",
                "modernbert",
                "nomic_bert",
                "qwen3-embedding",
                "gemma-embedding",
                "jina-bert-v2"
            })
    void textsHaveTheTokensAndVectorsOfTheFolderAloneAndTogether(String name, @TempDir Path target) throws IOException {
        Path folder = FOLDERS.resolve(name);
        JsonObject reference = reference(folder);
        List<String> texts = texts(reference.array("texts"));
        float[] expected = floats(folder);
        Path file = target.resolve("model.gguf");
        try (ModelFolder source = ModelFolder.open(folder)) {
            for (String added : List.of("token_types.weight", "position_embd.weight")) { // llama.cpp adds F32 only
                source.tensor(added).ifPresent(tensor -> assertEquals(TensorType.F32, tensor.type(), added));
            }
            GgufWriter.to(file).copyOf(source).write();
        }
        try (Model model = Model.load(folder);
                Model written = Model.load(file)) {
            Embeddings together = model.embed(texts);
            Embeddings again = written.embed(texts);
            int size = expected.length / texts.size();
            int same = 0;
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                int[] tokens =
                        numbers((JsonArray) reference.array("tokens").elements().get(i));
                assertArrayEquals(tokens, model.tokenizer().encode(text), text);
                float[] vector = together.vector(i);
                float[] wanted = Arrays.copyOfRange(expected, i * size, (i + 1) * size);
                assertTrue(
                        Embeddings.cosine(wanted, vector) > 0.999999, text + ": " + Embeddings.cosine(wanted, vector));
                assertArrayEquals(wanted, vector, 1e-5f, text);
                assertArrayEquals(vector, model.embed(List.of(text)).vector(0));
                if (Arrays.equals(tokens, written.tokenizer().encode(text))) {
                    assertArrayEquals(vector, again.vector(i));
                    same++;
                }
            }
            assertTrue(same >= texts.size() - 1); // GGUF files merge spaces before Unigram
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert-reranker", "xlm-roberta-reranker"})
    void documentsHaveTheScoresOfTheFolder(String name) throws IOException {
        Path folder = FOLDERS.resolve(name);
        JsonObject reference = reference(folder);
        float[] expected = floats(folder);
        try (Model model = Model.load(folder)) {
            List<RankedDocument> ranked =
                    new ArrayList<>(model.rank(reference.text("query"), texts(reference.array("documents"))));
            ranked.sort((a, b) -> Integer.compare(a.index(), b.index()));
            float[] scores = new float[ranked.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = ranked.get(i).score();
            }
            ReferenceData.assertClose(expected, scores, 1e-4);
        }
    }

    private static JsonObject reference(Path folder) throws IOException {
        return (JsonObject) JsonValue.read(folder.resolve("reference.json"));
    }

    private static int[] numbers(JsonArray array) {
        return array.elements().stream()
                .mapToInt(number -> (int) ((JsonNumber) number).longValue())
                .toArray();
    }

    private static List<String> texts(JsonArray array) {
        return array.elements().stream().map(text -> ((JsonString) text).text()).toList();
    }

    private static float[] floats(Path path) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve("reference.f32") : path;
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
