package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.ExpertCacheOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.function.Executable;

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
        assertSame(expected, actual, "");
    }

    static void assertSame(List<float[]> expected, List<float[]> actual, String message) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), message);
        }
    }

    /** The least limit that a model can have, which the refusal of a smaller one names. */
    static long smallestLimit(Executable load) {
        String message = assertThrows(IllegalArgumentException.class, load).getMessage();
        return Long.parseLong(message.replaceAll(".*at least (\\d+),.*", "$1"));
    }

    /** The packed file in a folder whose name ends like this. */
    static Path packedFile(Path folder, String end) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + end)) {
            return files.iterator().next();
        }
    }

    /**
     * That work with a packed file that is cut, or has wrong bits, is refused by its name. The file is whole again
     * afterwards.
     *
     * @param from the first byte with a wrong bit
     * @param step from one to the next
     */
    static void assertDamageIsTold(Path packed, int from, int step, Executable work) throws IOException {
        byte[] whole = Files.readAllBytes(packed);
        byte[] damaged = whole.clone();
        for (int i = from; i < whole.length; i += step) {
            damaged[i] ^= 1;
        }
        for (byte[] wrong : new byte[][] {new byte[100], damaged}) {
            Files.write(packed, wrong);
            UncheckedIOException refused = assertThrows(UncheckedIOException.class, work);
            assertTrue(refused.getMessage().contains(packed.toString()), refused.getMessage());
        }
        Files.write(packed, whole);
    }
}
