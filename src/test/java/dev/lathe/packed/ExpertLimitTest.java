package dev.lathe.packed;

import static dev.lathe.packed.LimitedModels.assertDamageIsTold;
import static dev.lathe.packed.LimitedModels.assertSame;
import static dev.lathe.packed.LimitedModels.logits;
import static dev.lathe.packed.LimitedModels.packedFile;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.store.ExpertCacheOptions;
import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import dev.lathe.tensor.store.ExpertCaching;
import dev.lathe.tensor.store.WeightReading;
import dev.lathe.tensor.store.WeightStreaming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mixture of experts of which few are in memory gives the bits of the whole one. */
@OnEveryKernelSet
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExpertLimitTest {
    @TempDir
    private Path folder;

    private DecoderModel load(RandomFamilyFile file, OptionalLong limit) throws IOException {
        return load(file, limit, ExpertCacheOptions.DEFAULT);
    }

    private DecoderModel load(RandomFamilyFile file, OptionalLong limit, ExpertCacheOptions experts)
            throws IOException {
        return LimitedModels.load(folder, file, limit, experts);
    }

    private long smallest(RandomFamilyFile file) {
        return LimitedModels.smallestLimit(() -> load(file, OptionalLong.of(1)).close());
    }

    private static ExpertCaching experts(DecoderModel model) {
        return model.weightStreaming().orElseThrow().experts().orElseThrow();
    }

    /** What a model gives whose weights are under no limit, and their bytes. */
    private record Unlimited(List<float[]> logits, long weightBytes) {}

    private Unlimited unlimited(RandomFamilyFile file) throws IOException {
        try (DecoderModel model = load(file, OptionalLong.empty())) {
            return new Unlimited(logits(model), model.weightBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"olmoe", "qwen3moe", "gpt-oss", "deepseek2"})
    void everyLimitGivesTheBitsOfNone(String family) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile(family);
        Unlimited unlimited = unlimited(file);
        List<float[]> expected = unlimited.logits();
        long all = unlimited.weightBytes();
        long smallest = smallest(file);
        for (long limit = smallest; limit < all + smallest; limit += (all - smallest) / 3) {
            try (DecoderModel model = load(file, OptionalLong.of(limit))) {
                assertSame(expected, logits(model));
                WeightStreaming streaming = model.weightStreaming().orElseThrow();
                assertTrue(streaming.residentBytes() <= limit, streaming.toString());
                assertEquals(limit == smallest, experts(model).places() == 1, streaming.toString());
                assertTrue(experts(model).misses() > 0, "nothing is there at first");
                WeightReading reading = streaming.reading();
                assertEquals(0, reading.bytes() % experts(model).misses(), "each miss is one expert, all as large");
                if (limit == smallest && GroupReaderTest.hasAround(packedFile(folder, ".packed"))) {
                    assertTrue(
                            reading.bytesAround() > 0 && reading.bytesAround() < reading.bytes(), reading.toString());
                }
                long missesBefore = experts(model).misses();
                assertSame(expected, logits(model));
                if (experts(model).places() == experts(model).experts()) {
                    assertEquals(missesBefore, experts(model).misses(), "all fit, so none is read again");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"olmoe", "deepseek2"})
    void everyRuleOfWhatStaysGivesTheBitsOfNone(String family) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile(family);
        Unlimited unlimited = unlimited(file);
        List<float[]> expected = unlimited.logits();
        long all = unlimited.weightBytes();
        long smallest = smallest(file);
        for (long limit : new long[] {smallest, smallest + (all - smallest) / 3, (smallest + all) / 2}) {
            for (ExpertCacheOptions rule : List.of(
                    ExpertCacheOptions.DEFAULT.eviction(Eviction.LEAST_FREQUENT),
                    ExpertCacheOptions.DEFAULT.pinnedShare(0.5),
                    ExpertCacheOptions.DEFAULT.pinnedShare(0.99).prefetch(true))) {
                try (DecoderModel model = load(file, OptionalLong.of(limit), rule)) {
                    for (int round = 0; round < 3; round++) {
                        assertSame(expected, logits(model));
                    }
                    assertTrue(rule.prefetch() || experts(model).prefetches() == 0);
                }
            }
        }
    }

    @Test
    void whatTheNextRouterWouldChooseIsReadAhead() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("olmoe");
        long smallest = smallest(file);
        try (DecoderModel all = load(file, OptionalLong.empty());
                DecoderModel model = load(
                        file,
                        OptionalLong.of((smallest + all.weightBytes()) / 2),
                        ExpertCacheOptions.DEFAULT.prefetch(true))) {
            while (experts(model).prefetches() == 0) { // by a thread whose turn may come late
                logits(model);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> ExpertCacheOptions.DEFAULT.pinnedShare(1));
    }

    @Test
    void passesThatShareOnePlaceDoNotWaitForEachOtherForever() throws Exception {
        RandomFamilyFile file = new RandomFamilyFile("olmoe");
        long smallest = smallest(file);
        for (long limit : new long[] {smallest, smallest + 80_000}) {
            try (DecoderModel model = load(file, OptionalLong.of(limit));
                    ExecutorService threads = Executors.newFixedThreadPool(4)) {
                List<float[]> expected = logits(model);
                List<Callable<List<float[]>>> texts = new ArrayList<>();
                for (int i = 0; i < 12; i++) {
                    texts.add(() -> logits(model));
                }
                for (Future<List<float[]>> text : threads.invokeAll(texts)) {
                    assertSame(expected, text.get());
                }
            }
        }
    }

    @Test
    void aFileThatIsCutOrDamagedWhileTheModelRunsIsOneExceptionAndNoWrongNumbers() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("olmoe");
        try (DecoderModel model = load(file, OptionalLong.of(smallest(file)))) {
            List<float[]> expected = logits(model);
            Path packed = packedFile(folder, ".packed");
            assertDamageIsTold(packed, 4096, 500, () -> logits(model));
            assertSame(expected, logits(model));
            Files.delete(packed);
            assertSame(expected, logits(model));
        }
    }

    @Test
    void anInterruptOfAThreadThatComputesSpoilsNothing() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("olmoe");
        try (DecoderModel model = load(file, OptionalLong.of(smallest(file)))) {
            List<float[]> expected = logits(model);
            Thread.currentThread().interrupt();
            assertSame(expected, logits(model));
            assertTrue(Thread.interrupted(), "the interrupt is left to the caller");
            assertSame(expected, logits(model));
        }
    }

    @Test
    void aClosedModelRefusesPasses() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("olmoe");
        DecoderModel model = load(file, OptionalLong.of(smallest(file)));
        try (InferenceState state = model.newState(8, CacheType.F32)) {
            state.forward(TokenBatch.lastLogits(1));
            model.close();
            assertThrows(IllegalStateException.class, () -> state.forward(TokenBatch.lastLogits(2)));
        }
    }
}
