package dev.lathe.lab.predict;

import dev.lathe.figures.Stopwatch;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times products of one layer's shape. A model reads its other weights between two uses of a layer's, so as many copies
 * of the layer take turns as make a model: weights come from where that model's would, a cache or memory. Not
 * thread-safe; the machine should do nothing else meanwhile.
 */
public final class ProductBenchmark {
    private static final int MOST_COPIES = 2000;
    private static final Duration TIME = Duration.ofMillis(20);
    private static final int LEAST_RUNS = 2;
    private static final int LIMIT_SIZE = 1024;
    private static final int LIMIT_TOKENS = 256;

    private final List<Linear> copies;
    private final Stopwatch clock;

    /**
     * Makes layers of zeros, which take as long as any.
     *
     * @param outputs rows of the weights
     * @param inputs columns, whole blocks of the type
     * @param modelBytes weights that take turns, about
     * @throws IllegalArgumentException if the type has no kernel or the inputs are no whole blocks
     */
    public ProductBenchmark(int outputs, int inputs, TensorType type, long modelBytes, Stopwatch clock) {
        this.clock = clock;
        long bytes = type.byteCount((long) outputs * inputs);
        MemorySegment zeros = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        copies = new ArrayList<>();
        for (int i = 0; i < Math.clamp(modelBytes / bytes, 1, MOST_COPIES); i++) {
            try {
                copies.add(LinearLoader.pack(
                        type,
                        outputs,
                        inputs,
                        (offset, length, arena) -> zeros.asSlice(offset, length),
                        WeightMemory.collected(),
                        Workers.single(),
                        KernelSet.best()));
            } catch (IOException impossible) { // the source is an array
                throw new UncheckedIOException(impossible);
            }
        }
    }

    /** Seconds of a product with so many tokens; the least of some rounds through the copies. */
    public double seconds(int tokens, Workers workers) {
        Linear first = copies.getFirst();
        Activations input = new Activations(tokens, first.inputSize());
        Arrays.fill(input.matrix().data(), 1);
        FloatMatrix output = FloatMatrix.zeros(tokens, first.outputSize());
        Runnable round = () -> {
            for (Linear copy : copies) {
                input.set(tokens);
                copy.apply(input, output, workers);
            }
        };
        return clock.least(round, TIME, LEAST_RUNS) / copies.size();
    }

    /**
     * A machine's limits for a type: bandwidth from a long array, products from a large one with many tokens, the fixed time
     * from a parallel region without work.
     */
    public static Roofline limits(TensorType type, Workers workers, double bytesPerSecond, Stopwatch clock) {
        double product = new ProductBenchmark(LIMIT_SIZE, LIMIT_SIZE, type, 1, clock).seconds(LIMIT_TOKENS, workers);
        double multiplies = (double) LIMIT_SIZE * LIMIT_SIZE * LIMIT_TOKENS;
        double nothing = clock.least(() -> workers.run(workers.count(), part -> {}), TIME, LEAST_RUNS);
        return new Roofline(bytesPerSecond, multiplies / product, nothing);
    }
}
