package dev.lathe.tensor;

import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.kernel.machine.Processor;
import dev.lathe.tensor.kernel.machine.ReadingLoop;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Not a test: measures a matrix of each type times rows of activations, as docs/performance.md says. Arguments: types,
 * rows and columns of the matrix, threads, seconds for each type; then, if it is not one, how many rows of activations
 * come at once, such as {@code 1,2,4,8}.
 */
final class RowSpeed {
    /** Rows of random weights that the matrix repeats; chosen so that scales are numbers of a real model's size. */
    private static final int PERIOD = 256;

    private RowSpeed() {}

    public static void main(String[] arguments) throws IOException {
        int rows = Integer.parseInt(arguments[1]);
        int columns = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        double seconds = Double.parseDouble(arguments[4]);
        String[] counts = (arguments.length > 5 ? arguments[5] : "1").split(",");
        try (Workers workers = Workers.of(threads)) {
            for (String name : arguments[0].split(",")) {
                Linear layer = layer(TensorType.valueOf(name), rows, columns, workers);
                readingLoop(layer.byteCount(), seconds, workers);
                for (String text : counts) {
                    int count = Integer.parseInt(text);
                    double time = time(layer, count, seconds, workers);
                    System.out.printf(
                            "%-8s %s, %d threads, %d at once: %.3f ms, %.1f GMAC/s, %.1f GB/s%n",
                            name,
                            KernelChoice.best().name(),
                            threads,
                            count,
                            1e3 * time,
                            (double) count * rows * columns / time / 1e9,
                            layer.byteCount() / time / 1e9);
                }
            }
        }
    }

    /** What a loop that only reads makes of as many bytes. */
    private static void readingLoop(long byteCount, double seconds, Workers workers) {
        if (Processor.targets().isEmpty()) {
            return; // no machine code here
        }
        try (ReadingLoop loop = new ReadingLoop()) {
            MemorySegment memory = WeightMemory.open().allocate(byteCount);
            memory.fill((byte) 1);
            double time = fastQuartile(seconds, () -> loop.read(memory, workers));
            System.out.printf(
                    "reading loop, %d threads, %d MB: %.3f ms, %.1f GB/s%n",
                    workers.count(), byteCount >> 20, 1e3 * time, byteCount / time / 1e9);
        }
    }

    private static Linear layer(TensorType type, int rows, int columns, Workers workers) throws IOException {
        MemorySegment period = RandomWeights.ofModelScales(type, PERIOD, columns, new Random(1));
        return LinearLoader.pack(
                type,
                rows,
                columns,
                (byteOffset, byteCount, arena) -> {
                    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) byteCount]);
                    for (long at = 0; at < byteCount; ) {
                        long from = (byteOffset + at) % period.byteSize();
                        long count = Math.min(byteCount - at, period.byteSize() - from);
                        MemorySegment.copy(period, from, bytes, at, count);
                        at += count;
                    }
                    return bytes;
                },
                WeightMemory.open(),
                workers,
                KernelChoice.best());
    }

    /** Seconds of a product: the quartile of the fast ones, after the compiler has settled. */
    private static double time(Linear layer, int count, double seconds, Workers workers) {
        Activations input = new Activations(count, layer.inputSize());
        Random random = new Random(2);
        for (int i = 0; i < count * layer.inputSize(); i++) {
            input.matrix().data()[i] = (float) random.nextGaussian();
        }
        FloatMatrix output = FloatMatrix.zeros(count, layer.outputSize());
        return fastQuartile(seconds, () -> {
            input.set(count);
            layer.apply(input, output, workers);
        });
    }

    private static double fastQuartile(double seconds, Runnable work) {
        List<Double> times = new ArrayList<>();
        long start = System.nanoTime();
        while (System.nanoTime() - start < seconds * 1e9) {
            long before = System.nanoTime();
            work.run();
            times.add((System.nanoTime() - before) * 1e-9);
        }
        Collections.sort(times);
        return times.get(times.size() / 4);
    }
}
