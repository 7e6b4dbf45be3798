package dev.lathe.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small random models of every family; references that hold their arithmetic are in {@link ReferenceLogitsTest}. */
@OnEveryKernelSet
class FamiliesTest {
    private static final int TOKENS = 23;

    static Stream<String> families() {
        return Families.names().stream();
    }

    private static int[] tokens() {
        return new Random(3).ints(TOKENS, 0, 48).toArray();
    }

    @ParameterizedTest
    @MethodSource("families")
    void aPromptAndItsTokensOneByOneHaveTheSameLogits(String family) throws IOException {
        int[] tokens = tokens();
        try (DecoderModel model = DecoderModel.load(new RandomFamilyFile(family), Workers.single());
                InferenceState whole = model.newState(64, CacheType.F32);
                InferenceState single = model.newState(64, CacheType.F32)) {
            FloatMatrix logits = whole.forward(TokenBatch.allLogits(tokens));
            double spread = 0;
            for (int i = 0; i < TOKENS; i++) {
                FloatMatrix row = single.forward(TokenBatch.allLogits(new int[] {tokens[i]}));
                assertArrayEquals(logits.row(i), row.row(0), "position " + i);
                spread = Math.max(spread, Math.abs(logits.row(i)[0] - logits.row(0)[0]));
            }
            assertTrue(spread > 1e-3 && spread < 1e6, "logits differ by " + spread);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aModelRunLayerByLayerHasTheSameLogits(String family) throws IOException {
        int[] tokens = tokens();
        RandomFamilyFile file = new RandomFamilyFile(family);
        try (DecoderModel model = DecoderModel.load(file, Workers.single());
                InferenceState state = model.newState(64, CacheType.F32)) {
            FloatMatrix expected = state.forward(TokenBatch.allLogits(tokens));
            LayerwiseModel layers = LayerwiseModel.of(file, Workers.single());
            List<FloatMatrix> hidden = layers.embed(List.of(tokens));
            for (int layer = 0; layer < model.layerCount(); layer++) {
                hidden.set(0, layers.layer(layer).run(hidden.getFirst(), ActivationObserver.NONE));
            }
            FloatMatrix logits = layers.head().logits(hidden.getFirst());
            assertEquals(expected.rows(), logits.rows());
            for (int row = 0; row < expected.rows(); row++) {
                assertArrayEquals(expected.row(row), logits.row(row), "position " + row);
            }
        }
    }
}
