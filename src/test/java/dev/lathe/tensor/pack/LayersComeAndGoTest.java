package dev.lathe.tensor.pack;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.Slow;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.RandomWeights;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Weights, the threads that compute with them and the code that was written for them end with their model. */
@Slow
class LayersComeAndGoTest {
    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final int ROUNDS = 10_000;
    private static final int COLUMNS = 256;
    private static final int OUTPUTS = 128;
    /** The virtual machine's own, such as its compiled code and heap. */
    private static final int OTHER_MAPPINGS = 200;

    private static void round(TensorType type, MemorySegment bytes) throws IOException {
        Workers workers = Workers.of(2);
        try (WeightMemory memory = WeightMemory.open()) {
            var layer = LinearLoader.pack(
                    type,
                    OUTPUTS,
                    COLUMNS,
                    (at, count, arena) -> bytes.asSlice(at, count),
                    memory,
                    workers,
                    KernelSet.best());
            Activations input = new Activations(1, COLUMNS);
            input.matrix().data()[0] = 1;
            input.set(1);
            layer.apply(input, FloatMatrix.zeros(1, OUTPUTS), workers);
        } finally {
            workers.close();
        }
    }

    @Test
    void nothingIsLeftOfTenThousand() throws IOException {
        assumeTrue(Files.isReadable(MAPPINGS), "skipped: this system does not list mappings of memory");
        Random random = new Random(1);
        List<TensorType> types = List.of(TensorType.Q4_0, TensorType.Q6_K, TensorType.F16);
        List<MemorySegment> bytes = types.stream()
                .map(type -> RandomWeights.of(type, OUTPUTS, COLUMNS, random))
                .toList();
        for (int i = 0; i < 100; i++) {
            round(types.get(i % 3), bytes.get(i % 3));
        }
        int threads = Thread.activeCount();
        int mappings = Files.readAllLines(MAPPINGS).size();
        for (int i = 0; i < ROUNDS; i++) {
            round(types.get(i % 3), bytes.get(i % 3));
        }
        int more = Files.readAllLines(MAPPINGS).size() - mappings;
        assertTrue(more < OTHER_MAPPINGS, () -> more + " mappings of memory more than before");
        int moreThreads = Thread.activeCount() - threads;
        assertTrue(moreThreads < 3, () -> moreThreads + " threads more than before");
    }
}
