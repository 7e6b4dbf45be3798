package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.ExpertUse;
import dev.lathe.model.InferenceState;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of the experts that were chosen, and what leaving out the weakest of them does. */
class ExpertUseTest {
    private static final int TOKENS = 23;
    private static final int EXPERTS = 6;
    private static final int USED = 2;

    private static int[] tokens() {
        return new Random(3).ints(TOKENS, 0, 48).toArray();
    }

    private record Run(float[] logits, ExpertUse use) {}

    private static Run run(TensorSource source, ExpertOptions options, boolean oneByOne) throws IOException {
        try (DecoderModel loaded = DecoderModel.load(source, Workers.single());
                DecoderModel model = loaded.with(Arithmetic.EXACT, options);
                InferenceState state = model.newState(TOKENS, CacheType.F32)) {
            FloatMatrix logits;
            if (oneByOne) {
                logits = FloatMatrix.zeros(TOKENS, model.vocabularySize());
                for (int i = 0; i < TOKENS; i++) {
                    FloatMatrix row = state.forward(TokenBatch.allLogits(new int[] {tokens()[i]}));
                    System.arraycopy(row.data(), 0, logits.data(), logits.offset(i), row.columns());
                }
            } else {
                logits = state.forward(TokenBatch.allLogits(tokens()));
            }
            float[] copy = java.util.Arrays.copyOf(logits.data(), TOKENS * logits.columns());
            return new Run(copy, model.expertUse().orElse(new ExpertUse(List.of())));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2moe", "gpt-oss", "deepseek2"})
    void everyRowCountsTheExpertsItChose(String family) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile(family);
        ExpertUse use = run(file, ExpertOptions.DEFAULT.counting(), false).use();
        assertEquals(family.equals("deepseek2") ? 3 : 4, use.layers().size()); // its first layer is dense
        for (ExpertUse.Layer layer : use.layers()) {
            assertEquals(TOKENS, layer.tokens());
            assertEquals(
                    TOKENS * USED,
                    layer.chosen().stream().mapToLong(Long::longValue).sum());
            assertEquals(EXPERTS, layer.chosen().size());
            assertEquals(0, layer.skipped());
            assertEquals(USED, layer.expertsPerToken());
            List<Integer> order = layer.mostChosenFirst();
            for (int i = 1; i < order.size(); i++) {
                assertTrue(layer.share(order.get(i - 1)) >= layer.share(order.get(i)));
            }
        }
        assertEquals(use, run(file, ExpertOptions.DEFAULT.counting(), true).use(), "token by token");
    }

    @Test
    void anExpertThatIsAlwaysChosenIsCountedOncePerRow() throws IOException {
        ModelEdit file = new ModelEdit(new RandomFamilyFile("qwen3moe"));
        float[] bias = new float[EXPERTS];
        bias[4] = 1e9f;
        file.putVector(TensorRole.CHOICE_BIAS.bias(2), bias);
        ExpertUse.Layer layer = run(file, ExpertOptions.DEFAULT.counting(), false)
                .use()
                .layers()
                .get(2);
        assertEquals(1, layer.share(4));
        assertEquals(4, layer.mostChosenFirst().getFirst());
    }

    @Test
    void countsAreThoseSinceAnEarlierCount() throws IOException {
        try (DecoderModel loaded = DecoderModel.load(new RandomFamilyFile("olmoe"), Workers.single());
                DecoderModel model = loaded.with(Arithmetic.EXACT, ExpertOptions.DEFAULT.counting());
                InferenceState state = model.newState(2 * TOKENS, CacheType.F32)) {
            assertFalse(loaded.expertUse().isPresent(), "nobody asked");
            state.forward(TokenBatch.noLogits(tokens()));
            ExpertUse first = model.expertUse().orElseThrow();
            state.rewind(0);
            state.forward(TokenBatch.noLogits(tokens()));
            assertEquals(first, model.expertUse().orElseThrow().since(first));
            assertThrows(IllegalArgumentException.class, () -> first.since(new ExpertUse(List.of())));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2moe", "qwen3moe", "gpt-oss", "deepseek2"})
    void aTokenLosesItsWeakExpertsInAnyBatch(String family) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile(family);
        ExpertOptions options = ExpertOptions.DEFAULT.skipBelow(0.6f).counting();
        Run whole = run(file, options, false);
        Run single = run(file, options, true);
        assertArrayEquals(whole.logits(), single.logits());
        assertEquals(whole.use(), single.use());
        for (ExpertUse.Layer layer : whole.use().layers()) {
            long computed = layer.chosen().stream().mapToLong(Long::longValue).sum();
            assertTrue(layer.skipped() > 0 && layer.skipped() < TOKENS, "some of " + layer);
            assertEquals((long) TOKENS * USED, computed + layer.skipped());
        }
    }

    @Test
    void aShareOfNothingLeavesOutNothing() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("qwen3moe");
        assertArrayEquals(
                run(file, ExpertOptions.DEFAULT, false).logits(),
                run(file, ExpertOptions.DEFAULT.skipBelow(1e-30f), false).logits());
    }

    @Test
    void aShareOfOneLeavesTheBestExpertAlone() throws IOException {
        ModelEdit file = new ModelEdit(new RandomFamilyFile("granitemoe")); // its weights add up to 1
        for (int layer = 0; layer < 4; layer++) {
            file.remove(TensorRole.CHOICE_BIAS.bias(layer)); // else the first choice may not have the largest weight
        }
        ModelEdit one = new ModelEdit(file);
        one.setMetadata(file.metadata().toBuilder()
                .uint32("granitemoe.expert_used_count", 1)
                .build());
        float[] expected = run(one, ExpertOptions.DEFAULT, false).logits();
        float[] skipped = run(file, ExpertOptions.DEFAULT.skipBelow(1), false).logits();
        double largest = IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs(expected[i]))
                .max()
                .orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], skipped[i], 1e-5 * largest);
        }
    }

    @Test
    void aShareBeyondOneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ExpertOptions.DEFAULT.skipBelow(1.1f));
        assertThrows(IllegalArgumentException.class, () -> ExpertOptions.DEFAULT.skipBelow(Float.NaN));
    }
}
