package dev.lathe.packed;

import static dev.lathe.packed.LimitedModels.assertDamageIsTold;
import static dev.lathe.packed.LimitedModels.assertSame;
import static dev.lathe.packed.LimitedModels.logits;
import static dev.lathe.packed.LimitedModels.packedFile;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.ExpertCacheOptions;
import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import dev.lathe.tensor.store.ExpertCaching;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightReading;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model of whose neurons few are in memory, and inactive ones are not read, gives the bits of the whole one. */
@OnEveryKernelSet
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NeuronLimitTest {
    private static final Path LATHE_JAVA = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final Path WIDE = Path.of("examples/models/lathe-java-f16.gguf");
    private static final int NEURONS_OF_WIDE = 768;
    private static final int PASSES = 12; // of LimitedModels.logits
    private static final ExpertCacheOptions NEURONS = ExpertCacheOptions.DEFAULT.neurons(true);

    @TempDir
    private Path folder;

    private DecoderModel load(TensorSource file, OptionalLong limit, ExpertCacheOptions options) throws IOException {
        return LimitedModels.load(folder, file, limit, options);
    }

    private DecoderModel load(TensorSource file, long limit) throws IOException {
        return load(file, OptionalLong.of(limit), NEURONS);
    }

    private List<float[]> unlimited(TensorSource file) throws IOException {
        try (DecoderModel model = DecoderModel.load(file, Workers.single())) {
            return logits(model);
        }
    }

    private long smallest(TensorSource file) {
        return LimitedModels.smallestLimit(() -> load(file, 1).close());
    }

    private static ExpertCaching neurons(DecoderModel model) {
        return model.weightStreaming().orElseThrow().experts().orElseThrow();
    }

    /** The function of nemotron and arcee makes neurons inactive; thresholds of gates do in the others. */
    private static TensorSource model(String family) throws IOException {
        if (family.equals("nemotron") || family.equals("arcee")) {
            return new RandomFamilyFile(family);
        }
        ModelEdit model = new ModelEdit(new RandomFamilyFile(family));
        float[] thresholds = new float[4];
        Arrays.fill(thresholds, 0.3f);
        model.setMetadata(LatheFormat.withGateThresholds(model.metadata(), thresholds));
        return model;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nemotron", "arcee", "llama", "gemma2", "qwen2"})
    void everyLimitGivesTheBitsOfNone(String family) throws IOException {
        TensorSource file = model(family);
        List<float[]> expected = unlimited(file);
        long smallest = smallest(file);
        for (long limit : new long[] {smallest, smallest + 20_000, smallest + 10_000_000}) {
            try (DecoderModel model = load(file, limit)) {
                assertSame(expected, logits(model));
                assertTrue(model.weightStreaming().orElseThrow().residentBytes() <= limit);
                assertEquals(limit == smallest, neurons(model).places() == 1);
                assertEquals(4 * 96, neurons(model).experts(), "a neuron is a part where weights are plain numbers");
                long misses = neurons(model).misses();
                assertSame(expected, logits(model));
                assertEquals(
                        limit > smallest + 1_000_000, misses == neurons(model).misses());
            }
        }
    }

    @Test
    void inactiveNeuronsAreNotRead() throws IOException {
        TensorSource file = model("nemotron");
        try (DecoderModel model = load(file, 10_000_000);
                InferenceState state = model.newState(8, CacheType.F32)) {
            state.forward(TokenBatch.lastLogits(1));
            long read = neurons(model).misses();
            assertTrue(
                    read > 4 * 96 / 4 && read < 4 * 96 * 3 / 4, read + " of " + 4 * 96 + ": about a half is positive");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_1"})
    void everyTypeGivesTheBitsOfNone(TensorType type) throws IOException {
        try (GgufFile file = GgufFile.open(LATHE_JAVA)) {
            ModelEdit model = new ModelEdit(file);
            Prune.gates(0.6).apply(model, ToyFiles.context(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6})));
            Quantize.to(type).apply(model, ToyFiles.context(List.of()));
            List<float[]> expected = unlimited(model);
            long smallest = smallest(model);
            for (Eviction eviction : Eviction.values()) {
                ExpertCacheOptions options = NEURONS.eviction(eviction).pinnedShare(0.3);
                try (DecoderModel limited = load(model, OptionalLong.of(smallest + 100_000), options)) {
                    assertSame(expected, logits(limited));
                    assertSame(expected, logits(limited));
                }
            }
        }
    }

    /** Of these types 256 neurons are a bundle, so few must be active for one of them to be left out. */
    @ParameterizedTest
    @EnumSource(names = {"Q2_K", "Q4_K", "Q6_K"})
    @Slow
    void typesWithSuperBlocksGiveTheBitsOfNone(TensorType type) throws IOException {
        try (GgufFile file = GgufFile.open(WIDE)) {
            ModelEdit model = twoLayers(file);
            Prune.gates(0.997).apply(model, ToyFiles.context(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6})));
            Quantize.to(type).apply(model, ToyFiles.context(List.of()));
            assertEquals(type, model.require(TensorRole.UP.weight(0)).type());
            assertEquals(type, model.require(TensorRole.DOWN.weight(0)).type());
            List<float[]> expected = unlimited(model);
            long smallest = smallest(model);
            for (long limit : new long[] {smallest, smallest + 300_000, 100_000_000}) {
                try (DecoderModel limited = load(model, limit)) {
                    assertSame(expected, logits(limited));
                    assertTrue(limited.weightStreaming().orElseThrow().residentBytes() <= limit);
                    ExpertCaching bundles = neurons(limited);
                    assertEquals(2 * NEURONS_OF_WIDE / 256, bundles.experts());
                    long uses = bundles.hits() + bundles.misses();
                    assertTrue(uses < PASSES * bundles.experts(), uses + " of " + PASSES * bundles.experts());
                }
            }
        }
    }

    @Test
    void ofTypesThatAreDecodedDownCanBeReadByNeuronsAndUpCannot() throws IOException {
        try (GgufFile file = GgufFile.open(WIDE)) {
            ModelEdit model = twoLayers(file);
            Prune.gates(0.9).apply(model, ToyFiles.context(List.of(new int[] {3, 1, 4, 1, 5, 9, 2, 6})));
            for (int layer = 0; layer < 2; layer++) {
                decoded(model, TensorRole.DOWN.weight(layer));
            }
            try (DecoderModel limited = load(model, smallest(model) + 300_000)) {
                assertSame(unlimited(model), logits(limited));
            }
            for (int layer = 0; layer < 2; layer++) {
                decoded(model, TensorRole.UP.weight(layer));
            }
            String message = assertThrows(IllegalArgumentException.class, () -> load(model, 100_000_000))
                    .getMessage();
            assertTrue(message.contains("quantize up to a type that is computed with as it is"), message);
        }
    }

    /** Has a matrix be of a type that is decoded to floats when it is loaded. */
    private static void decoded(ModelEdit model, String name) {
        List<Long> dimensions = model.require(name).dimensions();
        byte[] bytes = new byte[(int) (TensorType.IQ3_S.byteCount(dimensions.getFirst()) * dimensions.getLast())];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 7 % 43); // small as halves
        }
        model.put(name, TensorType.IQ3_S, dimensions, MemorySegment.ofArray(bytes));
    }

    /** The first layers of a model whose rows and neurons are multiples of 256. */
    private static ModelEdit twoLayers(GgufFile file) {
        ModelEdit model = new ModelEdit(file);
        model.setMetadata(
                model.metadata().toBuilder().uint32("llama.block_count", 2).build());
        for (TensorInfo tensor : file.tensors()) {
            if (TensorName.of(tensor.name()).layer() >= 2) {
                model.remove(tensor.name());
            }
        }
        return model;
    }

    @Test
    void textsThatShareOnePlaceDoNotWaitForEachOtherForever() throws Exception {
        TensorSource file = model("llama");
        try (DecoderModel model = load(file, smallest(file));
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<float[]> expected = logits(model);
            List<Callable<List<float[]>>> texts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                texts.add(() -> logits(model));
            }
            for (Future<List<float[]>> text : threads.invokeAll(texts)) {
                assertSame(expected, text.get());
            }
        }
    }

    @Test
    void aFileThatIsDamagedWhileTheModelRunsIsOneExceptionAndNoWrongNumbers() throws IOException {
        TensorSource file = model("llama");
        try (DecoderModel model = load(file, smallest(file))) {
            List<float[]> expected = logits(model);
            Path packed = packedFile(folder, "-neurons.packed");
            assertDamageIsTold(packed, 4096, 100, () -> logits(model));
            assertSame(expected, logits(model));
            if (GroupReaderTest.hasAround(packed)) {
                WeightReading reading = model.weightStreaming().orElseThrow().reading();
                assertTrue(reading.bytesAround() > 0 && reading.bytesAround() < reading.bytes(), reading.toString());
            }
        }
    }

    @Test
    void modelsThatTellNoInactiveNeuronsAreRefusedBeforeAnythingIsPacked() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("llama");
        AtomicInteger packed = new AtomicInteger();
        WeightStore counting = new CountingStore(packed);
        assertThrows(IllegalArgumentException.class, () -> DecoderModel.pack(file, counting, Workers.single()));
        assertEquals(0, packed.get());
        assertThrows(IllegalArgumentException.class, () -> load(file, 10_000_000));
        assertThrows(IllegalArgumentException.class, () -> Prune.gates(1));
        ModelEdit ungated = new ModelEdit(new RandomFamilyFile("starcoder2"));
        assertThrows(
                IllegalArgumentException.class, () -> Prune.gates(0.5).apply(ungated, ToyFiles.context(List.of())));
    }

    /** Wants neurons, and counts what it is asked for. */
    private record CountingStore(AtomicInteger asked) implements WeightStore {
        @Override
        public boolean keepsNeurons() {
            return true;
        }

        @Override
        public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
            asked.incrementAndGet();
            return memory().tiles(name, byteCount, packing);
        }

        @Override
        public WeightMemory memory() {
            return WeightMemory.collected();
        }

        @Override
        public void close() {
            // what it gives is collected
        }
    }
}
