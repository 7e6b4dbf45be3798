package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.CompressedModel;
import dev.lathe.Embeddings;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.slice.Slice;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Transforms of an encoder: each works, or says why not. */
@Slow
class EncoderTransformsTest {
    private static final List<String> TEXTS = List.of("A cat sits on the mat.", "How do I sort a list in Java?");

    private static Path file() {
        return ReferenceData.require("tiny/bert.gguf");
    }

    private static CompressedModel compress(Transform transform) throws IOException {
        Calibration calibration = Calibration.text(ReferenceData.require("text/english-calibration.txt"))
                .sequences(2)
                .tokensEach(64);
        return Model.compress(
                file(), Recipe.of(transform).calibratedOn(calibration), new LoadOptions(1), CompressionProgress.NONE);
    }

    static Stream<Arguments> working() {
        return Stream.of(
                Arguments.of(Named.of("Q8_0", Quantize.to(TensorType.Q8_0)), 0.998, "bert"),
                Arguments.of(Named.of("Q4_K_M", Quantize.mix("Q4_K_M")), 0.95, "bert"),
                Arguments.of(Named.of("Wanda", Prune.wanda(Sparsity.of(0.2))), 0.85, "bert"),
                Arguments.of(Named.of("channels", Prune.feedForward(0.2)), 0.9, "bert"),
                Arguments.of(Named.of("low rank", LowRank.whitened(0.1)), 0.8, "lathe"));
    }

    @ParameterizedTest
    @MethodSource("working")
    void vectorsStayCloseToWhatTheyWere(Transform transform, double leastCosine, String architecture)
            throws IOException {
        try (Model before = Model.load(file(), new LoadOptions(1));
                CompressedModel compressed = compress(transform);
                Model after = compressed.load()) {
            assertEquals(architecture, after.metadata().string("general.architecture"));
            Embeddings expected = before.embed(TEXTS);
            Embeddings vectors = after.embed(TEXTS);
            for (int i = 0; i < TEXTS.size(); i++) {
                double cosine = Embeddings.cosine(expected.vector(i), vectors.vector(i));
                assertTrue(cosine > leastCosine && cosine < 0.9999999, TEXTS.get(i) + ": " + cosine);
            }
        }
    }

    static Stream<Transform> refused() {
        return Stream.of(Slice.hiddenSize(0.1), Prune.layers(1), Prune.blocks(0.2), Quantize.withinBitsPerWeight(6));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatDoesNotSuitAnEncoderSaysWhy(Transform transform) {
        String message = assertThrows(IllegalArgumentException.class, () -> compress(transform))
                .getMessage();
        assertTrue(message.contains("bert"), message);
    }
}
