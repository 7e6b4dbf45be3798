package dev.lathe.tensor.kernel.machine;

import dev.lathe.figures.Stopwatch;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds on the spot how products of many rows are cut to fit this machine's caches: the first products are computed with each shape
 * in turn, and the fastest is kept. Every shape gives the same bits, so trials are no extra work. Thread-safe.
 *
 * <p>Source: nn-JIT.web (Jia et al. 2023, arXiv:2309.08978), which compiles and tries kernels of a small space on the device where
 * they run.
 */
final class Trials {
    /** The system property that keeps the first shape: {@value}, if it is off. */
    static final String PROPERTY = "lathe.tuning";

    /**
     * How a product of many rows is cut.
     *
     * @param blocks unpacked at once, whole super-blocks of 8
     * @param tiles that read as many blocks of all rows one after the other, while those are in the cache
     */
    record Shape(int blocks, int tiles) {}

    static final List<Shape> SHAPES =
            List.of(new Shape(64, 1), new Shape(32, 1), new Shape(128, 1), new Shape(16, 2), new Shape(8, 4));

    /** Of each shape; a layer's matrices differ, and so does what else the machine does. */
    private static final int TRIALS = 24;
    /** Products of a trial at least: less is over before it can be measured. */
    private static final long LEAST_PRODUCTS = 4 << 20;

    private final Stopwatch stopwatch;
    private final double[][] nanoseconds = new double[SHAPES.size()][TRIALS]; // of a product
    private int begun;
    private int ended;
    private volatile Shape chosen;

    /** Trials, or none if a shape is chosen already. */
    Trials(Stopwatch stopwatch, Optional<Shape> chosen) {
        this.stopwatch = stopwatch;
        this.chosen = chosen.orElse(null);
    }

    /**
     * Trials, unless the property says {@code off}.
     *
     * @throws IllegalStateException if it says anything else
     */
    static Trials asConfigured() {
        String tuning = System.getProperty(PROPERTY, "on");
        return switch (tuning) {
            case "on" -> new Trials(Stopwatch.system(), Optional.empty());
            case "off" -> new Trials(Stopwatch.system(), Optional.of(SHAPES.getFirst()));
            default ->
                throw new IllegalStateException("-D" + PROPERTY + "=" + tuning + " is unknown; expected on or off");
        };
    }

    /**
     * Computes something, with the shape that was chosen or with one that is tried.
     *
     * @param products how many multiplications that takes
     */
    void run(long products, Consumer<Shape> work) {
        Shape shape = chosen;
        if (shape != null || products < LEAST_PRODUCTS) {
            work.accept(shape == null ? SHAPES.getFirst() : shape);
            return;
        }
        int trial = begin();
        Stopwatch.Lap lap = stopwatch.start();
        work.accept(SHAPES.get(trial % SHAPES.size()));
        end(trial, (double) lap.nanos() / products);
    }

    private synchronized int begin() {
        return begun++;
    }

    /** Notes how long a product took; the last trial chooses. Those that other threads began meanwhile are not waited for. */
    private synchronized void end(int trial, double time) {
        if (trial >= TRIALS * SHAPES.size()) {
            return;
        }
        nanoseconds[trial % SHAPES.size()][trial / SHAPES.size()] = time;
        if (++ended == TRIALS * SHAPES.size()) {
            double[] typical = Arrays.stream(nanoseconds)
                    .mapToDouble(Trials::lowerQuartile)
                    .toArray();
            int fastest = 0;
            for (int i = 1; i < typical.length; i++) {
                fastest = typical[i] < typical[fastest] ? i : fastest;
            }
            chosen = SHAPES.get(fastest);
            System.getLogger("dev.lathe")
                    .log(Level.DEBUG, "products of many rows: {0} of {1}", chosen, Arrays.toString(typical));
        }
    }

    /** Neither a lucky time, as the shortest may be, nor one of those that were disturbed. */
    private static double lowerQuartile(double[] times) {
        return Arrays.stream(times).sorted().toArray()[times.length / 4];
    }

    /** The shape that is kept, or null while there are trials. */
    Shape chosen() {
        return chosen;
    }
}
