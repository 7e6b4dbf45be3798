package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logits against another engine's. */
@OnEveryKernelSet
@Slow
class ReferenceLogitsTest {
    /** Every family, prompts at once and token by token. */
    @ParameterizedTest
    @CsvSource({
        "llama, 256",
        "llama-linear, 256",
        "llama-untied-rope3, 256",
        "llama-yarn, 256",
        "mixtral, 256",
        "qwen2, 256",
        "qwen3, 256",
        "qwen2moe, 256",
        "qwen3moe, 256",
        "gemma, 256",
        "gemma2, 256",
        "phi2, 256",
        "phi3, 256",
        "phi3-partial, 256",
        "phi3-short, 256",
        "nemotron, 256",
        "olmo2, 256",
        "olmo3, 256",
        "ministral3, 256",
        "granite, 256",
        "granitemoe, 256",
        "granitemoe-shared, 256",
        "gpt-oss, 256",
        "deepseek2, 256",
        "deepseek2-lite, 256",
        "deepseek2-yarn, 256",
        "glm4, 256",
        "command-r, 256",
        "stablelm, 256",
        "stablelm-parallel, 256",
        "gptneox, 256",
        "gptneox-serial, 256",
        "falcon, 256",
        "falcon-40b, 256",
        "gpt2, 128",
        "starcoder, 128",
        "starcoder2, 256",
        "bloom, 256"
    })
    void tinyModelsOfEveryFamilyAgree(String name, int capacity) throws IOException {
        String json = Files.readString(ReferenceData.require("tiny/" + name + ".json"));
        float[] expected = floats(ReferenceData.require("tiny/" + name + ".logits.f32"));
        String file = name.equals("phi3-short") ? "phi3" : name;
        int[] tokens = intLists(json, "tokens").getFirst();
        try (DecoderModel model = load(ReferenceData.require("tiny/" + file + ".gguf"));
                InferenceState state = model.newState(capacity, CacheType.F32);
                InferenceState single = model.newState(capacity, CacheType.F32)) {
            FloatMatrix logits = state.forward(TokenBatch.allLogits(tokens));
            assertClose(expected, logits, 1e-4);
            for (int i = 0; i < tokens.length; i++) {
                FloatMatrix row = single.forward(TokenBatch.allLogits(new int[] {tokens[i]}));
                assertArrayEquals(logits.row(i), row.row(0), "position " + i);
            }
        }
    }

    /** The same weights as gpt-oss, its experts in MXFP4: decoded, since rounded activations choose other experts. */
    @Test
    void expertsInMxfp4AreReadAsTheyAre() throws IOException {
        String json = Files.readString(ReferenceData.require("tiny/gpt-oss-mxfp4.json"));
        float[] expected = floats(ReferenceData.require("tiny/gpt-oss-mxfp4.logits.f32"));
        try (GgufFile file = GgufFile.open(ReferenceData.require("tiny/gpt-oss-mxfp4.gguf"))) {
            ModelEdit decoded = new ModelEdit(file);
            for (TensorInfo tensor : file.tensors()) {
                if (tensor.type() == TensorType.MXFP4) {
                    decoded.putMatrix(tensor.name(), decoded.floats(tensor.name()));
                }
            }
            int[] tokens = intLists(json, "tokens").getFirst();
            assertClose(expected, logits(decoded, tokens), 1e-4);
            assertTrue(relativeDifference(expected, logits(file, tokens)) < 0.2);
        }
    }

    private static FloatMatrix logits(TensorSource source, int[] tokens) throws IOException {
        try (DecoderModel model = DecoderModel.load(source, Workers.single());
                InferenceState state = model.newState(256, CacheType.F32)) {
            return state.forward(TokenBatch.allLogits(tokens));
        }
    }

    /** Windows smaller than the text in layers 0 to 4 and 6 to 7, none in layer 5; heads of 20. */
    @Test
    void gemma3Agrees() throws IOException {
        Path folder = Path.of("src/test/resources/models");
        String json = Files.readString(folder.resolve("gemma3-tiny.json"));
        try (DecoderModel model = load(folder.resolve("gemma3-tiny.gguf"));
                InferenceState state = model.newState(64, CacheType.F32)) {
            FloatMatrix logits =
                    state.forward(TokenBatch.allLogits(intLists(json, "tokens").getFirst()));
            assertClose(floats(folder.resolve("gemma3-tiny.logits.f32")), logits, 1e-5);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "stories260k, stories260k.gguf",
        "lathe-java, lathe-java/lathe-java-f16.gguf",
        "lathe-java-draft, lathe-java/lathe-java-draft-f16.gguf"
    })
    void realModelsAgree(String name, String file) throws IOException {
        String json = Files.readString(ReferenceData.require("reference/" + name + ".json"));
        List<int[]> prompts = intLists(json, "tokens");
        List<int[]> greedy = intLists(json, "greedy");
        List<float[]> gaps = floatLists(json, "gaps");
        try (DecoderModel model = load(ReferenceData.require(file))) {
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                float[] expected = floats(ReferenceData.require("reference/" + name + "-" + prompt + ".logits.f32"));
                try (InferenceState state = model.newState(512, CacheType.F32)) {
                    FloatMatrix logits = state.forward(reference(prompts.get(prompt), expected, model));
                    assertClose(expected, logits, 2e-3);
                    assertGreedy(state, logits, greedy.get(prompt), gaps.get(prompt), 0.02);
                }
            }
        }
    }

    /** The tokens whose logits a reference has: all, or the last one's. */
    static TokenBatch reference(int[] tokens, float[] expected, DecoderModel model) {
        return expected.length > model.vocabularySize() ? TokenBatch.allLogits(tokens) : TokenBatch.lastLogits(tokens);
    }

    /** Feeds the reference's own tokens: where its gap is clear, the same token must lead. */
    static void assertGreedy(InferenceState state, FloatMatrix promptLogits, int[] greedy, float[] gaps, double clear) {
        FloatMatrix first = new FloatMatrix(promptLogits.row(promptLogits.rows() - 1), 1, promptLogits.columns());
        FloatMatrix rest = state.forward(TokenBatch.allLogits(greedy));
        for (int step = 0; step < gaps.length; step++) {
            if (gaps[step] >= clear) {
                float[] row = step == 0 ? first.row(0) : rest.row(step - 1);
                assertEquals(greedy[step], largest(row), "step " + step);
            }
        }
    }

    private static int largest(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    static void assertClose(float[] expected, FloatMatrix actual, double tolerance) {
        ReferenceData.assertClose(expected, Arrays.copyOf(actual.data(), actual.rows() * actual.columns()), tolerance);
    }

    /** Relative root mean square difference. */
    static double relativeDifference(float[] expected, FloatMatrix actual) {
        double squares = 0;
        double differences = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = (double) expected[i] - actual.data()[i];
            squares += (double) expected[i] * expected[i];
            differences += difference * difference;
        }
        return Math.sqrt(differences / squares);
    }

    static DecoderModel load(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path)) {
            return DecoderModel.load(file, Workers.single(), KernelChoice.best());
        }
    }

    static float[] floats(Path path) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    /** All lists of numbers under a key, in order. */
    static List<int[]> intLists(String json, String key) {
        List<int[]> lists = new ArrayList<>();
        for (float[] list : floatLists(json, key)) {
            int[] ints = new int[list.length];
            for (int i = 0; i < ints.length; i++) {
                ints[i] = (int) list[i];
            }
            lists.add(ints);
        }
        return lists;
    }

    static List<float[]> floatLists(String json, String key) {
        List<float[]> lists = new ArrayList<>();
        Matcher matcher = Pattern.compile("\"" + key + "\": \\[([^\\]]*)\\]").matcher(json);
        while (matcher.find()) {
            String[] items = matcher.group(1).split(",");
            float[] list = new float[items.length];
            for (int i = 0; i < items.length; i++) {
                list[i] = Float.parseFloat(items[i].trim());
            }
            lists.add(list);
        }
        return lists;
    }
}
