package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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

    static Stream<String> decoders() {
        return families().filter(family -> !isEncoder(family));
    }

    static Stream<String> encoders() {
        return families().filter(FamiliesTest::isEncoder);
    }

    private static boolean isEncoder(String family) {
        return family.contains("bert") || family.contains("embedding");
    }

    private static int[] tokens() {
        return new Random(3).ints(TOKENS, 0, 48).toArray();
    }

    @ParameterizedTest
    @MethodSource("decoders")
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
    @MethodSource("decoders")
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

    /** 4 texts that end in different tiles of keys, and one longer than a pass of others. */
    @ParameterizedTest
    @MethodSource("encoders")
    void aTextHasTheSameVectorAloneAndInABatch(String family) throws IOException {
        Random random = new Random(5);
        List<int[]> texts = IntStream.of(1, 23, 64, 17, 63)
                .mapToObj(length -> random.ints(length, 0, 48).toArray())
                .toList();
        RandomFamilyFile file = new RandomFamilyFile(family);
        try (Workers workers = Workers.of(2);
                DecoderModel model = DecoderModel.load(file, workers);
                DecoderModel single = DecoderModel.load(file, Workers.single())) {
            for (Pooling pooling : List.of(Pooling.MEAN, Pooling.FIRST, Pooling.LAST)) {
                FloatMatrix together = model.embed(texts, pooling, () -> false);
                for (int i = 0; i < texts.size(); i++) {
                    FloatMatrix alone = single.embed(List.of(texts.get(i)), pooling, () -> false);
                    assertArrayEquals(together.row(i), alone.row(0), pooling + ", text " + i);
                }
            }
            assertThrows(UnsupportedOperationException.class, () -> model.newState(8, CacheType.F32));
        }
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void anEncoderRunLayerByLayerHasTheSameRows(String family) throws IOException {
        int[] tokens = tokens();
        RandomFamilyFile file = new RandomFamilyFile(family);
        try (DecoderModel model = DecoderModel.load(file, Workers.single())) {
            LayerwiseModel layers = LayerwiseModel.of(file, Workers.single());
            List<FloatMatrix> hidden = layers.embed(List.of(tokens));
            for (int layer = 0; layer < model.layerCount(); layer++) {
                hidden.set(0, layers.layer(layer).run(hidden.getFirst(), ActivationObserver.NONE));
            }
            FloatMatrix normed = FloatMatrix.zeros(1, hidden.getFirst().columns());
            model.norm(hidden.getFirst(), 0, normed, 0);
            assertArrayEquals(
                    model.embed(List.of(tokens), Pooling.FIRST, () -> false).row(0), normed.row(0));
        }
    }
}
