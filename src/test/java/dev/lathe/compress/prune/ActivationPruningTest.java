package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.gguf.GgufException;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small activations count as zero, for one token as for many. */
@OnEveryKernelSet
class ActivationPruningTest {
    private static final List<int[]> TEXTS = IntStream.range(0, 3)
            .mapToObj(seed -> new Random(seed).ints(50, 0, 48).toArray())
            .toList();

    /** Starcoder2 has no gates; arcee's function, the square of what is positive, makes zeros by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "starcoder2", "arcee"})
    void tokensGiveTheBitsOfPrompts(String family) throws IOException {
        ModelEdit model =
                family.equals("arcee") ? new ModelEdit(new RandomFamilyFile(family)) : ToyFiles.model(family, true, 5);
        if (!family.equals("arcee")) {
            Prune.activations(0.4).apply(model, ToyFiles.context(TEXTS));
        }
        int[] text = TEXTS.getFirst();
        try (DecoderModel decoder = DecoderModel.load(model, Workers.single());
                InferenceState together = decoder.newState(64, CacheType.F32);
                InferenceState single = decoder.newState(64, CacheType.F32)) {
            FloatMatrix expected = together.forward(TokenBatch.allLogits(text));
            for (int i = 0; i < text.length; i++) {
                assertArrayEquals(
                        expected.row(i),
                        single.forward(TokenBatch.lastLogits(text[i])).row(0));
            }
        }
    }

    @Test
    void theShareOfZerosIsTheOneThatWasAskedFor(@TempDir Path folder) throws IOException {
        ModelEdit model = ToyFiles.model("llama", false, 6);
        float[] before = ToyFiles.logits(model, TEXTS.getFirst());
        Prune.activations(0).apply(model, ToyFiles.context(TEXTS));
        assertArrayEquals(before, ToyFiles.logits(model, TEXTS.getFirst()), "a share of 0 changes nothing");
        Prune.activations(0.3).apply(model, ToyFiles.context(TEXTS));
        Map<ActivationSite, long[]> zeros = new EnumMap<>(ActivationSite.class);
        LayerSweep sweep = LayerSweep.of(model, TEXTS, Workers.single());
        while (!sweep.isAtEnd()) {
            sweep.show((site, _, rows) -> count(rows, zeros.computeIfAbsent(site, _ -> new long[2])));
            sweep.advance();
        }
        for (ActivationSite site : List.of(ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN)) {
            assertEquals(0.3, (double) zeros.get(site)[0] / zeros.get(site)[1], 0.02, site.toString());
        }
        assertEquals(0, zeros.get(ActivationSite.ATTENTION)[0]);
        float[] after = ToyFiles.logits(model, TEXTS.getFirst());
        assertFalse(Arrays.equals(before, after));
        assertArrayEquals(after, ToyFiles.logitsOfFile(model, folder.resolve("m.gguf"), TEXTS.getFirst()));
    }

    private static void count(FloatMatrix rows, long... zeros) {
        for (int i = 0; i < rows.rows() * rows.columns(); i++) {
            zeros[0] += rows.data()[i] == 0 ? 1 : 0;
        }
        zeros[1] += (long) rows.rows() * rows.columns();
    }

    @Test
    void thresholdsLeaveWithTheirLayerAndAreChecked() throws IOException {
        ModelEdit model = ToyFiles.model("llama", false, 7);
        Prune.activations(0.5).apply(model, ToyFiles.context(TEXTS));
        float[] all = LatheFormat.thresholds(model.metadata(), ToyFiles.LAYERS);
        Prune.layers(1).withoutCompensation().apply(model, ToyFiles.context(TEXTS));
        float[] left = {all[0], all[1], all[4], all[5]};
        assertArrayEquals(left, LatheFormat.thresholds(model.metadata(), 2));
        model.setMetadata(LatheFormat.withThresholds(model.metadata(), 1, 2, 3));
        assertThrows(GgufException.class, () -> ToyFiles.logits(model, TEXTS.getFirst()));
        model.setMetadata(LatheFormat.withThresholds(model.metadata(), 1, 2, 3, Float.NaN));
        assertThrows(GgufException.class, () -> ToyFiles.logits(model, TEXTS.getFirst()));
    }

    @Test
    void whatHasNoThresholdsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Prune.activations(1));
        ModelEdit experts = new ModelEdit(new RandomFamilyFile("olmoe"));
        assertThrows(
                IllegalArgumentException.class, () -> Prune.activations(0.5).apply(experts, ToyFiles.context(TEXTS)));
    }
}
