package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.EmbeddingModel;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder of an encoder gives the vectors of its GGUF file. */
class EncoderFolderTest {
    @TempDir
    Path path;

    static List<String> types() {
        return EncoderFolder.TYPES;
    }

    @ParameterizedTest
    @MethodSource("types")
    void aFolderGivesTheVectorsOfItsFileToTheBit(String type) throws IOException {
        ModelEdit file = EncoderFolder.randomFile(type);
        new EncoderFolder(type, file).folder.write(path);
        assertSameVectors(file);
    }

    @ParameterizedTest
    @CsvSource({"bert,bert,wordpiece", "bert-cls,bert,wordpiece", "xlm-roberta,xlm-roberta,unigram"})
    void aFolderGivesTheVectorsAndTokensOfAReferenceFile(String name, String type, String tokenizer)
            throws IOException {
        Path tokens = ReferenceData.require("hf/tokenizer-" + tokenizer);
        try (GgufFile file = GgufFile.open(ReferenceData.require("tiny/" + name + ".gguf"))) {
            new EncoderFolder(type, file).folder.write(path);
            copyTokenizer(tokens);
            pool(name.equals("bert") ? "pooling_mode_mean_tokens" : "pooling_mode_cls_token");
            assertSameVectors(file);
            try (ModelFolder folder = ModelFolder.open(path)) {
                assertEquals(
                        file.metadata().integer("bert.pooling_type"),
                        folder.metadata().integer("bert.pooling_type"));
                if (type.equals("bert")) {
                    return; // this file has other pieces than the folder's tokenizer
                }
                Tokenizer expected = Tokenizer.from(file.metadata());
                Tokenizer found = Tokenizer.from(folder.metadata());
                JsonObject sentences = (JsonObject) JsonValue.read(ReferenceData.require("tiny/" + name + ".json"));
                for (JsonValue sentence : sentences.array("sentences").elements()) {
                    String text = ((JsonObject) sentence).text("text");
                    assertArrayEquals(expected.encode(text), found.encode(text), text);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wordpiece", "unigram"})
    void tokensOfMixedTextsAreThoseOfTheTokenizersLibrary(String kind) throws IOException {
        Path tokens = ReferenceData.require("hf/tokenizer-" + kind);
        boolean words = kind.equals("wordpiece");
        try (GgufFile file =
                GgufFile.open(ReferenceData.require("tiny/" + (words ? "bert" : "xlm-roberta") + ".gguf"))) {
            new EncoderFolder(words ? "bert" : "xlm-roberta", file).folder.write(path);
        }
        copyTokenizer(tokens);
        JsonObject expected = (JsonObject) JsonValue.read(tokens.resolve("tokens.json"));
        List<String> differences = new ArrayList<>();
        int compared = 0;
        try (ModelFolder folder = ModelFolder.open(path)) {
            Tokenizer tokenizer = Tokenizer.from(folder.metadata());
            for (JsonValue each : expected.array("strings").elements()) {
                JsonObject string = (JsonObject) each;
                String text = string.text("text");
                if (text.contains("<mask>") || text.matches("(?s).*\\S{101}.*")) {
                    continue; // GGUF files cannot say what a mask takes with it, nor how long a word may be
                }
                if (!words && text.matches("(?s).*[\\p{Z}\\p{Cc}&&[^ ]].*|.* ")) {
                    continue; // nor which characters beside the space are spaces, nor that a space at the end stays
                }
                if (words && text.matches("(?s).*[\\p{Cn}\\p{Co}].*")) {
                    continue; // nor which characters without a meaning are left out
                }
                compared++;
                int[] ids = string.array("withSpecial").elements().stream()
                        .mapToInt(id -> Integer.parseInt(id.toString()))
                        .toArray();
                int[] found = tokenizer.encode(text, true, true);
                if (!Arrays.equals(ids, found)) {
                    differences.add(JsonValue.of(text).toJson() + " is " + Arrays.toString(found) + ", expected "
                            + Arrays.toString(ids));
                }
            }
            assertEquals(List.of(), differences);
            assertTrue(compared > 100, "only " + compared);
        }
    }

    @Test
    void aWrittenFolderIsAFileWithTheSameVectors() throws IOException {
        new EncoderFolder("nomic_bert", EncoderFolder.randomFile("nomic_bert")).folder.write(path);
        pool("pooling_mode_lasttoken");
        Path written = path.resolve("written.gguf");
        try (ModelFolder folder = ModelFolder.open(path)) {
            GgufWriter.to(written).copyOf(folder).write();
        }
        try (GgufFile file = GgufFile.open(written)) {
            assertEquals(3, file.metadata().integer("nomic-bert.pooling_type"));
            assertSameVectors(file);
        }
    }

    /**
     * The pooled row, a layer, GELU, a norm and the last layer, as Transformers' ModernBertForSequenceClassification
     * has them.
     */
    @ParameterizedTest
    @CsvSource({"cls,FIRST", "mean,MEAN"})
    void aRerankerOfModernBertScoresByItsHead(String pooling, Pooling rows) throws IOException {
        ModelEdit plain = EncoderFolder.randomFile("modernbert");
        ModelEdit file = EncoderFolder.randomFile("modernbert");
        Random random = new Random(3);
        int size = file.metadata().intValue("modern-bert.embedding_length");
        float[] first = floats(random, size * size);
        float[] gain = floats(random, size);
        float[] last = floats(random, size);
        file.putMatrix("cls.weight", new FloatMatrix(first, size, size));
        file.putVector("cls.norm.weight", gain);
        file.putMatrix("cls.output.weight", new FloatMatrix(last, 1, size));
        file.putVector("cls.output.bias", new float[] {0.25f});
        file.setMetadata(file.metadata().toBuilder()
                .uint32("modern-bert.pooling_type", 4)
                .uint32("modern-bert.classifier.pooling_type", rows.ordinal())
                .build());
        TinyFolder folder = new EncoderFolder("modernbert", file).folder;
        folder.config.put("architectures", List.of("ModernBertForSequenceClassification"));
        folder.config.put("classifier_pooling", pooling);
        folder.write(path);
        List<int[]> texts = List.of(
                random.ints(30, 0, 260).toArray(), random.ints(9, 0, 260).toArray());
        List<EmbeddingModel.TokenPair> pairs = texts.stream()
                .map(text -> new EmbeddingModel.TokenPair(text, 4))
                .toList();
        try (ModelFolder source = ModelFolder.open(path);
                DecoderModel body = DecoderModel.load(plain, Workers.single());
                DecoderModel fromFile = DecoderModel.load(file, Workers.single());
                DecoderModel fromFolder = DecoderModel.load(source, Workers.single())) {
            FloatMatrix vectors = body.embed(texts, rows, () -> false);
            float[] scores = fromFile.score(pairs, () -> false);
            assertArrayEquals(scores, fromFolder.score(pairs, () -> false));
            double epsilon = plain.metadata().number("modern-bert.attention.layer_norm_epsilon");
            for (int text = 0; text < texts.size(); text++) {
                double[] inner = new double[size];
                for (int i = 0; i < size; i++) {
                    for (int d = 0; d < size; d++) {
                        inner[i] += (double) first[i * size + d] * vectors.get(text, d);
                    }
                    inner[i] *= (1 + Erf.erf(inner[i] / Math.sqrt(2))) / 2;
                }
                double mean = Arrays.stream(inner).average().orElseThrow();
                double variance = Arrays.stream(inner)
                        .map(value -> (value - mean) * (value - mean))
                        .average()
                        .orElseThrow();
                double score = 0.25;
                for (int i = 0; i < size; i++) {
                    score += last[i] * gain[i] * (inner[i] - mean) / Math.sqrt(variance + epsilon);
                }
                assertEquals(score, scores[text], 1e-4);
            }
        }
    }

    private static float[] floats(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian() / 8;
        }
        return numbers;
    }

    @Test
    void modulesThatAreNotReadAreNamed() throws IOException {
        new EncoderFolder("bert", EncoderFolder.randomFile("bert")).folder.write(path);
        pool("pooling_mode_max_tokens");
        assertTrue(refusal().contains("pooling_mode_max_tokens"), refusal());
        modules("../1_Pooling", "sentence_transformers.models.Pooling");
        assertTrue(refusal().contains("expected a folder such as 1_Pooling"), refusal());
        modules("2_Dense", "sentence_transformers.models.Dense");
        assertTrue(refusal().contains("read are the two of EmbeddingGemma"), refusal());
        modules("2_LSTM", "sentence_transformers.models.LSTM");
        assertTrue(refusal().contains("read are Transformer, Pooling, Dense and Normalize"), refusal());
        Files.writeString(path.resolve("modules.json"), "{}");
        assertTrue(refusal().contains("a list of modules is expected"), refusal());
    }

    @Test
    void whatAnEncoderIsNotKnownToDoIsRefused() throws IOException {
        for (Map.Entry<String, Map<String, Object>> change : Map.<String, Map<String, Object>>of(
                        "bert", Map.of("position_embedding_type", "alibi", "hidden_act", "gelu_new"),
                        "xlm-roberta", Map.of("pad_token_id", 4096, "max_position_embeddings", 2),
                        "nomic_bert", Map.of("prenorm", true, "rotary_emb_fraction", 0.5, "num_experts", 8),
                        "modernbert", Map.of("norm_bias", true, "hidden_activation", "relu"))
                .entrySet()) {
            for (Map.Entry<String, Object> one : change.getValue().entrySet()) {
                EncoderFolder model = new EncoderFolder(change.getKey(), EncoderFolder.randomFile(change.getKey()));
                model.folder.config.put(one.getKey(), one.getValue());
                model.folder.write(path);
                assertTrue(!refusal().isBlank(), change.getKey() + " with " + one);
            }
        }
    }

    private void copyTokenizer(Path from) throws IOException {
        for (String each : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(from.resolve(each), path.resolve(each), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void pool(String mode) throws IOException {
        modules("1_Pooling", "sentence_transformers.models.Pooling");
        Files.createDirectories(path.resolve("1_Pooling"));
        Files.writeString(
                path.resolve("1_Pooling/config.json"),
                JsonValue.of(Map.of(mode, true, "word_embedding_dimension", 64)).toJson());
    }

    private void modules(String folder, String type) throws IOException {
        Files.writeString(
                path.resolve("modules.json"),
                JsonValue.of(List.of(
                                Map.of("idx", 0, "path", "", "type", "sentence_transformers.models.Transformer"),
                                Map.of("idx", 1, "path", folder, "type", type),
                                Map.of("idx", 2, "path", "2", "type", "sentence_transformers.models.Normalize")))
                        .toJson());
    }

    private String refusal() {
        return assertThrows(
                        ModelFolderException.class, () -> ModelFolder.open(path).close())
                .getMessage();
    }

    private void assertSameVectors(TensorSource file) throws IOException {
        List<int[]> texts = List.of(
                new Random(5).ints(40, 0, 260).toArray(),
                new Random(6).ints(7, 0, 260).toArray());
        try (ModelFolder source = ModelFolder.open(path);
                DecoderModel expected = DecoderModel.load(file, Workers.single());
                DecoderModel found = DecoderModel.load(source, Workers.single())) {
            assertTrue(found.isEncoder());
            for (Pooling pooling : List.of(Pooling.MEAN, Pooling.FIRST)) {
                assertArrayEquals(
                        expected.embed(texts, pooling, () -> false).data(),
                        found.embed(texts, pooling, () -> false).data());
            }
        }
    }
}
