package dev.lathe.tensor;

import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.pack.BlockSparseLoader;
import dev.lathe.tensor.pack.GroupSparseLoader;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Not a test: measures layers without some of their weights beside the dense layer, and that one on rows with zeros, as
 * docs/pruning.md says. Arguments:
 * types, shapes such as 4096x2048, rows of activations, threads, seconds for each line. Prints the time of each over
 * that of the dense layer: all take turns, and the median of the rounds counts.
 */
final class SparseSpeed {
    private static final double[] ABSENT = {0.125, 0.25, 0.5, 0.75};
    private static final double[] ZEROS = {0, 0.25, 0.4, 0.5, 0.9}; // of the input
    private static final int BLOCK_COLUMNS = 32;
    private static final double ROUND_SECONDS = 0.002;

    private SparseSpeed() {}

    public static void main(String[] arguments) throws IOException {
        int threads = Integer.parseInt(arguments[3]);
        double seconds = Double.parseDouble(arguments[4]);
        System.out.printf("%s, %d threads%n", KernelChoice.best().name(), threads);
        System.out.println("| matrix | rows | type | zeros of the input: 25% | 40% | 50% | 90%"
                + " | blocks absent: 12.5% | 25% | 50% | 75% | 1:4 | 2:4 | 3:4 |");
        try (Workers workers = Workers.of(threads)) {
            for (String shape : arguments[1].split(",")) {
                int outputs = Integer.parseInt(shape.split("x")[0]);
                int inputs = Integer.parseInt(shape.split("x")[1]);
                for (String rows : arguments[2].split(",")) {
                    for (String type : arguments[0].split(",")) {
                        System.out.printf("| %s | %s | %s |", shape, rows, type);
                        measure(layers(TensorType.valueOf(type), outputs, inputs, workers), rows, seconds, workers);
                    }
                }
            }
        }
    }

    /** The dense layer, then those without blocks, then those with some of every four weights. */
    private static List<Linear> layers(TensorType type, int outputs, int inputs, Workers workers) throws IOException {
        MemorySegment bytes = RandomWeights.ofModelScales(type, outputs, inputs, new Random(1));
        List<Linear> layers = new ArrayList<>();
        layers.add(LinearLoader.pack(
                type,
                outputs,
                inputs,
                (at, count, arena) -> bytes.asSlice(at, count),
                WeightMemory.open(),
                workers,
                KernelChoice.best()));
        for (double absent : ABSENT) {
            int count = (outputs + BlockMask.ROWS - 1) / BlockMask.ROWS * (inputs / BLOCK_COLUMNS);
            List<Integer> blocks = new ArrayList<>();
            for (int block = 0; block < count; block++) {
                blocks.add(block);
            }
            Collections.shuffle(blocks, new Random(2));
            BitSet present = new BitSet();
            blocks.subList(0, (int) Math.round(count * (1 - absent))).forEach(present::set);
            layers.add(BlockSparseLoader.pack(
                    "blocks",
                    type,
                    new BlockMask(outputs, inputs, BLOCK_COLUMNS, present),
                    (at, byteCount, arena) -> bytes.asSlice(at, byteCount),
                    WeightMemory.open(),
                    workers,
                    KernelChoice.best()));
        }
        for (int kept = 3; kept >= 1 && type == TensorType.F16; kept--) {
            layers.add(groups(outputs, inputs, kept));
        }
        return layers;
    }

    private static Linear groups(int outputs, int inputs, int kept) throws IOException {
        Random random = new Random(3);
        short[] weights = new short[outputs * inputs / GroupSparseLinear.GROUP * kept];
        byte[] columns = new byte[weights.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Float.floatToFloat16((float) random.nextGaussian() / 32);
            int first = i % kept == 0 ? 0 : columns[i - 1] + 1;
            columns[i] = (byte) random.nextInt(first, GroupSparseLinear.GROUP - kept + i % kept + 1);
        }
        return GroupSparseLoader.pack(
                "groups",
                outputs,
                inputs,
                kept,
                () -> new GroupSparseLoader.Stored(weights, columns),
                WeightMemory.open(),
                KernelChoice.best());
    }

    private static void measure(List<Linear> layers, String rows, double seconds, Workers workers) {
        int count = Integer.parseInt(rows);
        List<Line> lines = new ArrayList<>();
        for (double zeros : ZEROS) {
            lines.add(new Line(layers.getFirst(), input(count, layers.getFirst().inputSize(), zeros)));
        }
        layers.subList(1, layers.size())
                .forEach(layer -> lines.add(new Line(layer, lines.getFirst().input())));
        FloatMatrix output = FloatMatrix.zeros(count, layers.getFirst().outputSize());
        List<List<Double>> ratios = new ArrayList<>();
        lines.forEach(_ -> ratios.add(new ArrayList<>()));
        long start = System.nanoTime();
        while (System.nanoTime() - start < seconds * 1e9 || ratios.getFirst().isEmpty()) {
            boolean settled = System.nanoTime() - start > seconds * 1e9 / 4;
            double dense = 0;
            for (int i = 0; i < lines.size(); i++) {
                double time = time(lines.get(i).layer(), lines.get(i).input(), output, workers);
                dense = i == 0 ? time : dense;
                if (settled) {
                    ratios.get(i).add(time / dense);
                }
            }
        }
        for (int i = 1; i < lines.size(); i++) {
            Collections.sort(ratios.get(i));
            System.out.printf(
                    Locale.ROOT, " %.2f |", ratios.get(i).get(ratios.get(i).size() / 2));
        }
        System.out.println();
    }

    private record Line(Linear layer, Activations input) {}

    private static Activations input(int rows, int columns, double zeros) {
        Activations input = new Activations(rows, columns);
        Random random = new Random(4);
        for (int i = 0; i < input.matrix().data().length; i++) {
            float value = (float) random.nextGaussian();
            input.matrix().data()[i] = random.nextDouble() < zeros ? 0 : value;
        }
        return input;
    }

    /** Seconds of one product: the least of some. */
    private static double time(Linear layer, Activations input, FloatMatrix output, Workers workers) {
        long least = Long.MAX_VALUE;
        long start = System.nanoTime();
        while (System.nanoTime() - start < ROUND_SECONDS * 1e9 || least == Long.MAX_VALUE) {
            long before = System.nanoTime();
            input.set(output.rows());
            layer.apply(input, output, workers);
            least = Math.min(least, System.nanoTime() - before);
        }
        return least * 1e-9;
    }
}
