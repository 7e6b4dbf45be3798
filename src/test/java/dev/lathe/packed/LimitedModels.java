package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.ExpertCacheOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Models under a limit on their weights, and what they compute. */
final class LimitedModels {
    private LimitedModels() {}

    static DecoderModel load(Path folder, TensorSource file, OptionalLong limit, ExpertCacheOptions options)
            throws IOException {
        Workers workers = Workers.single();
        return new PackedFolder(folder, options)
                .load(
                        new PackedFolder.Source(file, List.of(), 0),
                        workers,
                        store -> DecoderModel.pack(file, store, workers),
                        store -> DecoderModel.load(file, store, workers),
                        limit,
                        store -> 1);
    }

    /** Logits of a prompt, of single tokens after it and of two texts in one pass. */
    static List<float[]> logits(DecoderModel model) {
        List<float[]> logits = new ArrayList<>();
        try (InferenceState state = model.newState(64, CacheType.F32);
                InferenceState other = model.newState(64, CacheType.F32)) {
            logits.add(state.forward(TokenBatch.allLogits(3, 1, 4, 1, 5, 9, 2, 6, 5, 35))
                    .data()
                    .clone());
            for (int token = 10; token < 20; token++) {
                logits.add(state.forward(TokenBatch.lastLogits(token)).data().clone());
            }
            logits.add(
                    model.forward(List.of(state, other), List.of(TokenBatch.lastLogits(7), TokenBatch.lastLogits(8, 9)))
                            .data()
                            .clone());
        }
        return logits;
    }

    static void assertSame(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i));
        }
    }
}
