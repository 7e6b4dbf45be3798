package dev.lathe.lab.scale;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PredictableTasksTest {
    private static final double[] SIZES = {1, 2, 4, 8, 16};

    /** Pass rates that follow a law, at any size. */
    private static double easy(double size) {
        return 1 - 0.6 * Math.pow(size, -0.8);
    }

    private static double hard(double size) {
        return 1 - 0.98 * Math.pow(size, -0.15);
    }

    /** Ten easy tasks, ten hard ones, and ten that nothing solves yet. */
    private static double[][] rates(Random noise, double deviation) {
        double[][] rates = new double[30][];
        for (int task = 0; task < rates.length; task++) {
            int kind = task / 10;
            rates[task] = Arrays.stream(SIZES)
                    .map(size -> kind == 0 ? easy(size) : kind == 1 ? hard(size) : 0)
                    .map(rate -> Math.clamp(rate + (kind < 2 ? deviation * noise.nextGaussian() : 0), 0, 1))
                    .toArray();
        }
        return rates;
    }

    @Property(tries = 20)
    void lawfulTasksAreFoundAndTheirLawsGoOn(@ForAll long seed) {
        PredictableTasks tasks = PredictableTasks.of(SIZES, rates(new Random(seed), 0), 3, seed);

        assertArrayEquals(IntStream.range(0, 20).toArray(), tasks.tasks());
        assertEquals((easy(64) + hard(64)) / 2, tasks.subsetAt(64), 1e-3);
        for (double size : SIZES) {
            assertEquals((easy(size) + hard(size)) / 3, tasks.at(size), 1e-3, "size " + size);
        }
    }

    @Property(tries = 20)
    void predictionsStayRatesAndNeverFallWithSize(@ForAll long seed) {
        PredictableTasks tasks = PredictableTasks.of(SIZES, rates(new Random(seed), 0.02), 4, seed);
        double last = 0;
        for (double size = 1; size < 1e6; size *= 1.5) {
            double rate = tasks.at(size);
            assertTrue(rate >= last - 1e-12 && rate <= 1, size + ": " + rate + " after " + last);
            last = rate;
        }
    }

    @Test
    void noiseOfARealBenchmarkLeavesTheNextSizeWithinAFewPercent() {
        Random random = new Random(1);
        double error = 0;
        for (int run = 0; run < 50; run++) {
            PredictableTasks tasks = PredictableTasks.of(SIZES, rates(random, 0.03), 3, run);
            error += Math.abs(tasks.subsetAt(32) - (easy(32) + hard(32)) / 2) / 50;
        }
        assertTrue(error < 0.03, "mean error " + error);
    }

    @Test
    void whatFollowsNoLawIsRefused() {
        double[][] flat = new double[5][SIZES.length];
        assertThrows(IllegalArgumentException.class, () -> PredictableTasks.of(SIZES, flat, 2, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> PredictableTasks.of(new double[] {1, 2, 3}, new double[][] {{0, 0, 0}}, 1, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> PredictableTasks.of(SIZES, new double[][] {{0, 0, 0, 0, 1.5}}, 1, 1));
    }
}
