package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.GenerationDefaults;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.Slow;
import dev.lathe.decode.Sampler;
import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A small folder, whole and forged. */
class ForgedFolderTest {
    private static final List<Object> HOSTILE = Arrays.asList(
            null,
            0,
            -1,
            1,
            3,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            new JsonNumber("1e999"),
            1e-300,
            0.5,
            true,
            "",
            "x",
            List.of(),
            Map.of(),
            List.of(1, "a", List.of()));

    @TempDir
    private Path folder;

    @Test
    void rowsOfQueriesAndKeysAreInPairsAndVectorsAreFloats() throws IOException {
        TinyFolder tiny = new TinyFolder();
        tiny.write(folder);
        try (ModelFolder source = ModelFolder.open(folder);
                Arena arena = Arena.ofConfined()) {
            TensorInfo queries = source.tensor("blk.0.attn_q.weight").orElseThrow();
            assertEquals(List.of(8L, 8L), queries.dimensions());
            float[] stored = tiny.weights.get("model.layers.0.self_attn.q_proj.weight");
            float[] read = source.map(queries, arena).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            int[] order = {0, 2, 1, 3, 4, 6, 5, 7};
            for (int row = 0; row < order.length; row++) {
                assertArrayEquals(
                        Arrays.copyOfRange(stored, order[row] * 8, order[row] * 8 + 8),
                        Arrays.copyOfRange(read, row * 8, row * 8 + 8));
            }
            // Any range of bytes, not only whole rows.
            assertArrayEquals(
                    Arrays.copyOfRange(read, 5, 30),
                    source.map(queries, 20, 100, arena).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
            assertEquals(
                    TensorType.F32,
                    source.tensor("output_norm.weight").orElseThrow().type());
            Tokenizer tokenizer = Tokenizer.from(source.metadata());
            assertArrayEquals(new int[] {258, ' ' + 1}, tokenizer.encode("the ", false, false));
        }
        try (Model model = Model.load(folder);
                var session = model.newSession()) {
            assertEquals(260, session.logits(1, 2, 3).columns());
        }
    }

    @Test
    void frequenciesAreStretchedAsLlama3Does() throws IOException {
        TinyFolder tiny = new TinyFolder();
        tiny.config.put(
                "rope_scaling",
                Map.of(
                        "rope_type", "llama3",
                        "factor", 8.0,
                        "low_freq_factor", 1.0,
                        "high_freq_factor", 4.0,
                        "original_max_position_embeddings", 64));
        tiny.write(folder);
        try (ModelFolder source = ModelFolder.open(folder);
                Arena arena = Arena.ofConfined()) {
            float[] divisors = source.map(source.tensor("rope_freqs.weight").orElseThrow(), arena)
                    .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            // Wavelengths of 2 pi and 200 pi: the first is shorter than 64 / 4, the second longer than 64.
            assertArrayEquals(new float[] {1, 8}, divisors);
        }
    }

    @Test
    void adviceForGenerationIsOfferedAndNotApplied() throws IOException {
        new TinyFolder().write(folder);
        Path file = folder.resolve("generation_config.json");
        int[] greedy;
        try (Model model = Model.load(folder);
                Session session = model.newSession()) {
            assertEquals(OptionalDouble.empty(), model.generationDefaults().temperature());
            assertEquals(List.of(0), model.generationDefaults().endTokens());
            assertEquals(
                    Sampler.greedy().toString(),
                    model.generationDefaults().sampler().toString());
            greedy = session.generate("a").maxTokens(20).run().tokenIds();
        }
        Files.writeString(
                file,
                "{\"do_sample\": true, \"temperature\": 1.5, \"top_k\": 20, \"top_p\": null,"
                        + " \"eos_token_id\": [0, 5], \"repetition_penalty\": 1.5}");
        try (Model model = Model.load(folder);
                Session session = model.newSession()) {
            GenerationDefaults defaults = model.generationDefaults();
            assertEquals(OptionalDouble.of(1.5), defaults.temperature());
            assertEquals(OptionalInt.of(20), defaults.topK());
            assertEquals(OptionalDouble.empty(), defaults.topP());
            assertEquals(List.of(0, 5), defaults.endTokens());
            assertEquals(
                    Sampler.temperature(1.5f).topK(20).repetitionPenalty(1.5f).toString(),
                    defaults.sampler().toString());
            assertArrayEquals(greedy, session.generate("a").maxTokens(20).run().tokenIds());
        }
        for (String wrong : List.of("\"temperature\": \"hot\"", "\"temperature\": -1", "\"eos_token_id\": 260")) {
            Files.writeString(file, "{" + wrong + "}");
            assertTrue(assertThrows(ModelFolderException.class, () -> Model.load(folder))
                    .getMessage()
                    .contains("generation_config.json"));
        }
        Files.writeString(file, "{\"do_sample\": false, \"temperature\": 0.6}");
        try (Model model = Model.load(folder)) {
            assertEquals(OptionalDouble.of(0), model.generationDefaults().temperature());
        }
    }

    @Test
    void familiesThatAreNotReadAreToldWithThoseThatAre() throws IOException {
        TinyFolder tiny = new TinyFolder();
        tiny.config.put("model_type", "opera");
        tiny.write(folder);
        assertEquals(
                folder.resolve("config.json")
                        + ": 'model_type' is opera; folders are read of llama, mistral, mixtral, qwen2, qwen2_moe, qwen3,"
                        + " qwen2_vl, qwen2_vl_text, qwen2_5_vl, qwen2_5_vl_text, qwen3_vl_text,"
                        + " qwen3_moe, gemma, gemma2, gemma3_text, phi, phi3, olmo2, olmo3, olmoe, smollm3, granite, glm4,"
                        + " glm4_moe, cohere, cohere2, arcee, seed_oss, ernie4_5, exaone4, stablelm, starcoder2, nemotron,"
                        + " gpt_neox, falcon, gpt2, gpt_bigcode, bloom, granitemoe, granitemoeshared, gpt_oss, deepseek_v2,"
                        + " deepseek_v3, dots1, ministral3, ernie4_5_moe, exaone, internlm2, minicpm, granitemoehybrid,"
                        + " hunyuan_v1_dense, olmo, xverse, glm, deepseek, apertus,"
                        + " bert, roberta, xlm-roberta, modernbert, nomic_bert, and the language models of mistral3, gemma3,"
                        + " qwen2_vl, qwen2_5_vl, qwen3_vl",
                assertThrows(ModelFolderException.class, () -> ModelFolder.open(folder))
                        .getMessage());
    }

    @Test
    void aTensorThatIsNoPartOfTheModelIsRefused() throws IOException {
        TinyFolder tiny = new TinyFolder();
        tiny.weights.put("model.layers.0.extra.weight", new float[1]);
        tiny.shapes.put("model.layers.0.extra.weight", List.of(1));
        tiny.write(folder);
        assertThrows(ModelFolderException.class, () -> ModelFolder.open(folder));
    }

    @Test
    @Slow
    void everyForgedValueGivesOneClearException() throws IOException {
        TinyFolder tiny = new TinyFolder();
        tiny.write(folder);
        RandomGenerator random = RandomGeneratorFactory.getDefault().create(1);
        for (int document = 0; document < 3; document++) {
            Object good = List.of(tiny.config, tiny.tokenizer, tiny.options).get(document);
            List<List<Object>> paths = new ArrayList<>();
            collect(good, List.of(), paths);
            for (List<Object> path : paths) {
                for (Object hostile : HOSTILE) {
                    if (path.size() > 2 && random.nextInt(40) > 0) {
                        continue; // Of the vocabulary, some.
                    }
                    Object forged = replace(good, path, hostile);
                    Files.writeString(
                            folder.resolve(List.of("config.json", "tokenizer.json", "tokenizer_config.json")
                                    .get(document)),
                            JsonValue.of(forged).toJson());
                    check(path + " = " + hostile);
                }
            }
            tiny.write(folder);
        }
    }

    /** Families whose tensors are rearranged by what the configuration says. */
    @ParameterizedTest
    @ValueSource(strings = {"falcon-40b", "gpt_oss-mxfp4", "deepseek_v3", "mistral3"})
    @Slow
    void everyForgedConfigurationGivesOneClearException(String name) throws IOException {
        Path whole = Path.of("src/test/resources/references").resolve(name);
        for (String file : List.of("model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(whole.resolve(file), folder.resolve(file));
        }
        JsonObject good = (JsonObject) JsonValue.read(whole.resolve("config.json"));
        for (String key : good.members().keySet()) {
            for (Object hostile : Arrays.asList(null, -1, Integer.MAX_VALUE, "x")) {
                Map<String, Object> forged = new LinkedHashMap<>(good.members());
                forged.put(key, hostile);
                Files.writeString(
                        folder.resolve("config.json"), JsonValue.of(forged).toJson());
                check(key + " = " + hostile);
            }
        }
    }

    private void check(String what) {
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            try (Model model = Model.load(folder)) {
                assertEquals(260, model.vocabularySize(), what);
            } catch (ModelFolderException | GgufException | IllegalArgumentException refused) {
                assertTrue(refused.getMessage() != null && !refused.getMessage().isBlank(), what);
            } catch (RuntimeException | IOException e) {
                throw new AssertionError(what, e);
            }
        });
    }

    private static void collect(Object value, List<Object> path, List<List<Object>> paths) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, member) -> collect(member, with(path, key), paths));
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                collect(list.get(i), with(path, i), paths);
            }
        }
        paths.add(path);
    }

    private static List<Object> with(List<Object> path, Object last) {
        List<Object> longer = new ArrayList<>(path);
        longer.add(last);
        return longer;
    }

    private static Object replace(Object value, List<Object> path, Object hostile) {
        if (path.isEmpty()) {
            return hostile;
        }
        List<Object> rest = path.subList(1, path.size());
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> changed = new LinkedHashMap<>(map);
            changed.put(path.getFirst(), replace(map.get(path.getFirst()), rest, hostile));
            return changed;
        }
        List<Object> changed = new ArrayList<>((List<?>) value);
        int index = (Integer) path.getFirst();
        changed.set(index, replace(changed.get(index), rest, hostile));
        return changed;
    }
}
