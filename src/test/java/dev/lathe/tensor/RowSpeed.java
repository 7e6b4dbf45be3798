package dev.lathe.tensor;

import dev.lathe.tensor.kernel.Kernels;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Not a test: measures a matrix of each type times one row of activations, as docs/performance.md says. Arguments: types,
 * rows, columns, threads, seconds for each type.
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
        try (Workers workers = Workers.of(threads)) {
            for (String name : arguments[0].split(",")) {
                Linear layer = layer(TensorType.valueOf(name), rows, columns, workers);
                double time = time(layer, seconds, workers);
                System.out.printf(
                        "%-8s %s, %d threads: %.1f GMAC/s, %.1f GB/s%n",
                        name,
                        Kernels.best().name(),
                        threads,
                        (double) rows * columns / time / 1e9,
                        layer.byteCount() / time / 1e9);
            }
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
                workers,
                Kernels.best());
    }

    /** Seconds of a product: the quartile of the fast ones, after the compiler has settled. */
    private static double time(Linear layer, double seconds, Workers workers) {
        Activations input = new Activations(1, layer.inputSize());
        Random random = new Random(2);
        for (int i = 0; i < layer.inputSize(); i++) {
            input.matrix().data()[i] = (float) random.nextGaussian();
        }
        FloatMatrix output = FloatMatrix.zeros(1, layer.outputSize());
        List<Double> times = new ArrayList<>();
        long start = System.nanoTime();
        while (System.nanoTime() - start < seconds * 1e9) {
            long before = System.nanoTime();
            input.set(1);
            layer.apply(input, output, workers);
            times.add((System.nanoTime() - before) * 1e-9);
        }
        Collections.sort(times);
        return times.get(times.size() / 4);
    }
}
