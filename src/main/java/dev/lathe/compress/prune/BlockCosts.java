package dev.lathe.compress.prune;

import dev.lathe.figures.Stopwatch;
import dev.lathe.measure.EnergyMeter;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.pack.BlockSparseLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a block of a matrix costs as long as it is there: the same everywhere, or what this machine takes for it. Measured costs
 * differ from run to run, and so do the blocks chosen by them; {@link #equal} costs give the same bits every time. Thread-safe.
 *
 * <p>Source: the power term of Xu et al. 2024, "LPViT: Low-Power Semi-structured Pruning for Vision Transformers", arXiv
 * 2407.02068, section 3; measured here, not modelled.
 */
public final class BlockCosts {
    private static final long WARM_UP_NANOS = 20_000_000;
    private static final long MEASURED_NANOS = 60_000_000;
    private static final double LEAST_SHARE = 0.01; // of the mean cost of a block: noise makes none free

    /** What is spent so far, such as seconds or joules; differences count. */
    @FunctionalInterface
    interface Counter {
        double read();
    }

    private record Shape(int rows, int columns, int blockColumns) {}

    private final String name;
    private final TensorType type;
    private final int batchRows;
    private final Counter counter; // or null: all cost the same
    private final Workers workers;
    private final Map<Shape, Double> known = new ConcurrentHashMap<>();

    private BlockCosts(String name, TensorType type, int batchRows, Counter counter, Workers workers) {
        this.name = name;
        this.type = type;
        this.batchRows = batchRows;
        this.counter = counter;
        this.workers = workers;
    }

    /** Every block costs the same. */
    public static BlockCosts equal() {
        return new BlockCosts("", TensorType.F32, 1, null, Workers.single());
    }

    /**
     * Seconds of this machine, which should do nothing else meanwhile.
     *
     * @param type what the matrices will be encoded as
     * @param batchRows rows of activations in a product: 1 as for a token, more as for prompts
     * @param workers the threads that compute; they stay the caller's
     * @throws IllegalArgumentException if there are no rows
     */
    public static BlockCosts seconds(TensorType type, int batchRows, Workers workers) {
        return measured("seconds", type, batchRows, () -> Stopwatch.system().nanos() * 1e-9, workers);
    }

    /**
     * Joules of this machine, which should do nothing else meanwhile.
     *
     * @param type what the matrices will be encoded as
     * @param batchRows rows of activations in a product: 1 as for a token, more as for prompts
     * @param meter such as {@link EnergyMeter#ofMachine}, which says where it cannot be read
     * @param workers the threads that compute; they stay the caller's
     * @throws IllegalArgumentException if there are no rows
     */
    public static BlockCosts joules(TensorType type, int batchRows, EnergyMeter meter, Workers workers) {
        return measured("joules", type, batchRows, meter::joules, workers);
    }

    /** By any counter. */
    static BlockCosts measured(String unit, TensorType type, int batchRows, Counter counter, Workers workers) {
        if (batchRows < 1) {
            throw new IllegalArgumentException("costs of products of " + batchRows + " rows: expected at least 1");
        }
        String name = " by measured " + unit + " of " + type + (batchRows == 1 ? "" : ", " + batchRows + " rows");
        return new BlockCosts(name, type, batchRows, counter, workers);
    }

    /** What distinguishes a transform with these costs, for its name. */
    String name() {
        return name;
    }

    /** What one block of a matrix [rows x columns] costs, above 0. */
    double of(int rows, int columns, int blockColumns) throws IOException {
        if (counter == null) {
            return 1;
        }
        Shape shape = new Shape(rows, columns, blockColumns);
        Double cost = known.get(shape);
        if (cost == null) {
            cost = measure(shape);
            known.put(shape, cost);
        }
        return cost;
    }

    /** What half of the blocks cost, a block: they go, and what always remains does not count. */
    private double measure(Shape shape) throws IOException {
        int stripes = (shape.rows + BlockMask.ROWS - 1) / BlockMask.ROWS;
        int count = stripes * (shape.columns / shape.blockColumns);
        BitSet all = new BitSet();
        all.set(0, count);
        BitSet half = new BitSet();
        new Random(count).ints(0, count).distinct().limit((count + 1) / 2).forEach(half::set);
        Linear whole = layer(shape, all);
        Linear halved = layer(shape, half);
        double least = Double.POSITIVE_INFINITY;
        double leastHalved = Double.POSITIVE_INFINITY;
        spent(whole, WARM_UP_NANOS);
        spent(halved, WARM_UP_NANOS);
        for (int turn = 0; turn < 3; turn++) {
            least = Math.min(least, spent(whole, MEASURED_NANOS / 3));
            leastHalved = Math.min(leastHalved, spent(halved, MEASURED_NANOS / 3));
        }
        double removed = Math.max(1, count - half.cardinality());
        return Math.max((least - leastHalved) / removed, Math.max(LEAST_SHARE * least / count, Double.MIN_NORMAL));
    }

    private Linear layer(Shape shape, BitSet present) throws IOException {
        BlockMask mask = new BlockMask(shape.rows, shape.columns, shape.blockColumns, present);
        long bytes = type.byteCount(shape.blockColumns) * BlockMask.ROWS * mask.presentCount();
        MemorySegment zeros = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        return BlockSparseLoader.pack(
                "blocks",
                type,
                mask,
                (offset, length, arena) -> zeros.asSlice(offset, length),
                WeightMemory.collected(),
                workers,
                KernelSet.best());
    }

    /** What one product takes, on average over so long. */
    private double spent(Linear layer, long nanos) {
        Activations input = new Activations(batchRows, layer.inputSize());
        Arrays.fill(input.matrix().data(), 1f);
        input.set(batchRows);
        FloatMatrix output = FloatMatrix.zeros(batchRows, layer.outputSize());
        long runs = 0;
        double before = counter.read();
        for (Stopwatch.Lap lap = Stopwatch.system().start(); lap.nanos() < nanos; runs++) {
            layer.apply(input, output, workers);
        }
        return runs == 0 ? 0 : (counter.read() - before) / runs;
    }
}
