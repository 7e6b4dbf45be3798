package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.Slow;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Slow
class LayerwiseModelTest {
    private static final Path LATHE_JAVA = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path GEMMA = Path.of("src/test/resources/models/gemma3-tiny.gguf");

    @ParameterizedTest
    @ValueSource(strings = {"examples/models/lathe-java-f16.gguf", "src/test/resources/models/gemma3-tiny.gguf"})
    void layerByLayerGivesTheBitsOfTheWholeModel(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path);
                DecoderModel whole = DecoderModel.load(file, Workers.single());
                InferenceState state = whole.newState(600, CacheType.F32)) {
            int[] text = text(whole.vocabularySize(), path.equals(GEMMA) ? 40 : 530);
            LayerwiseModel model = LayerwiseModel.of(file, Workers.single());
            FloatMatrix hidden = model.embed(List.of(text)).getFirst();
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                hidden = model.layer(layer).run(hidden, ActivationObserver.NONE);
            }
            FloatMatrix expected = state.forward(TokenBatch.allLogits(text));
            FloatMatrix actual = model.head().logits(hidden);
            assertArrayEquals(
                    Arrays.copyOf(expected.data(), text.length * expected.columns()), actual.data(), path.toString());
        }
    }

    @Test
    void observersSeeEverySiteOnceAPass() throws IOException {
        try (GgufFile file = GgufFile.open(LATHE_JAVA)) {
            LayerwiseModel model = LayerwiseModel.of(file, Workers.single());
            FloatMatrix hidden = model.embed(List.of(text(4096, 5))).getFirst();
            List<String> seen = new ArrayList<>();
            model.layer(0).run(hidden, (site, _, rows) -> seen.add(site + " " + rows.rows() + " x " + rows.columns()));
            assertEquals(
                    List.of(
                            "ATTENTION 5 x 256",
                            "ATTENTION_OUTPUT 5 x 256",
                            "FEED_FORWARD 5 x 256",
                            "FEED_FORWARD_GATE 5 x 768",
                            "FEED_FORWARD_DOWN 5 x 768"),
                    seen);
        }
    }

    private static int[] text(int vocabulary, int length) {
        int[] text = new int[length];
        Arrays.setAll(text, i -> (i * 7919 + 13) % vocabulary);
        return text;
    }
}
