package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.model.RandomFamilyFile;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a layer computes does not depend on the order of its channels. */
class ChannelOrderTest {
    private static final int[] TEXT = {3, 1, 4, 1, 5, 9, 2, 6};

    @ParameterizedTest
    @ValueSource(strings = {"llama", "phi2", "glm4", "bitnet"})
    void channelsInReverseGiveTheSameLogits(String family) throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile(family));
        float[] before = ToyFiles.logits(model, TEXT);
        ChannelOrder.apply(model, 1, IntStream.range(0, 96).map(i -> 95 - i).toArray());
        double error = ToyFiles.relativeError(before, ToyFiles.logits(model, TEXT));
        assertTrue(error > 0 && error < 1e-5, "error " + error);
    }
}
