package dev.lathe.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits against another engine's. */
@OnEveryKernelSet
class ReferenceLogitsTest {
    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama-linear", "llama-untied-rope3", "llama-yarn", "qwen2", "qwen3"})
    void tinyModelsOfEveryArchitectureAgree(String name) throws IOException {
        String json = Files.readString(ReferenceData.require("tiny/" + name + ".json"));
        float[] expected = floats(ReferenceData.require("tiny/" + name + ".logits.f32"));
        try (DecoderModel model = load(ReferenceData.require("tiny/" + name + ".gguf"));
                InferenceState state = model.newState(256, CacheType.F32)) {
            FloatMatrix logits =
                    state.forward(TokenBatch.allLogits(intLists(json, "tokens").getFirst()));
            assertClose(expected, logits, 1e-4);
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
        "stories260k, stories260k.gguf, false",
        "lathe-java, lathe-java/lathe-java-f16.gguf, false",
        "lathe-java-draft, lathe-java/lathe-java-draft-f16.gguf, false",
        "smollm2-135m, smollm2-135m-instruct-q4_1.gguf, true"
    })
    void realModelsAgree(String name, String file, boolean quantized) throws IOException {
        double gap = quantized ? 0.5 : 0.02;
        String json = Files.readString(ReferenceData.require("reference/" + name + ".json"));
        List<int[]> prompts = intLists(json, "tokens");
        List<int[]> greedy = intLists(json, "greedy");
        List<float[]> gaps = floatLists(json, "gaps");
        try (DecoderModel model = load(ReferenceData.require(file))) {
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                float[] expected = floats(ReferenceData.require("reference/" + name + "-" + prompt + ".logits.f32"));
                try (InferenceState state = model.newState(512, CacheType.F32)) {
                    int[] tokens = prompts.get(prompt);
                    FloatMatrix logits = state.forward(
                            expected.length > model.vocabularySize()
                                    ? TokenBatch.allLogits(tokens)
                                    : TokenBatch.lastLogits(tokens));
                    if (quantized) {
                        assertEquals(0, relativeDifference(expected, logits), 0.03, "prompt " + prompt);
                    } else {
                        assertClose(expected, logits, 2e-3);
                    }
                    assertGreedy(state, logits, greedy.get(prompt), gaps.get(prompt), gap);
                }
            }
        }
    }

    /** Feeds the reference's own tokens: where its gap is clear, the same token must lead. */
    private static void assertGreedy(
            InferenceState state, FloatMatrix promptLogits, int[] greedy, float[] gaps, double clear) {
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
        assertEquals(expected.length, actual.rows() * actual.columns());
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) expected[i] - actual.data()[i]));
            assertTrue(Float.isFinite(actual.data()[i]), "logit " + i + " is not finite");
        }
        assertTrue(difference <= tolerance * largest, "largest difference " + difference + " of " + largest);
    }

    /** Relative root mean square difference. */
    private static double relativeDifference(float[] expected, FloatMatrix actual) {
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
            return DecoderModel.load(file, Workers.single(), Kernels.best());
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

    private static List<float[]> floatLists(String json, String key) {
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
