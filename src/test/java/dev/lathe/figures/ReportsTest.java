package dev.lathe.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The clock, the summary and the table. */
class ReportsTest {
    @Property
    void aSummaryIsInOrder(@ForAll @Size(min = 1, max = 40) List<@DoubleRange(min = -1e6, max = 1e6) Double> values) {
        Summary summary =
                Summary.of(values.stream().mapToDouble(Double::doubleValue).toArray());

        assertEquals(values.size(), summary.count());
        assertTrue(summary.least() <= summary.median() && summary.median() <= summary.p95());
        assertTrue(summary.p95() <= summary.most());
        assertTrue(summary.least() <= summary.mean() + 1e-6 && summary.mean() <= summary.most() + 1e-6);
        assertTrue(summary.meanEstimate().covers(summary.mean()));
    }

    @Test
    void theMeansIntervalCoversInSimulation() {
        Random random = new Random(7);
        int covered = 0;
        for (int run = 0; run < 2000; run++) {
            double[] sample =
                    random.doubles(6).map(x -> 10 + random.nextGaussian()).toArray();
            covered += Summary.of(sample).meanEstimate().covers(10) ? 1 : 0;
        }
        assertEquals(0.95, covered / 2000.0, 0.015);
    }

    @Test
    void summariesOfNothingOrOfNoNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, Summary::of);
        assertThrows(IllegalArgumentException.class, () -> Summary.of(1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Estimate(2, 0, 1));
        assertEquals(0, Summary.of(3).deviation());
        assertEquals(3, Summary.of(1, 2, 3, 4, 5).median());
    }

    @Test
    void theStopwatchWarmsUpUntilTimesAreSteady() {
        AtomicLong now = new AtomicLong();
        long[] times = {900, 500, 200, 100, 101, 99, 5};
        int[] runs = {0};
        Stopwatch stopwatch = new Stopwatch(now::get);
        Runnable work = () -> now.addAndGet(times[Math.min(runs[0]++, times.length - 1)]);

        assertTrue(stopwatch.warmUp(work, Duration.ofSeconds(1)));
        assertEquals(6, runs[0]);
        assertEquals(5e-9, stopwatch.seconds(work), 1e-15);
        AtomicLong doubling = new AtomicLong(1);
        assertFalse(stopwatch.warmUp(() -> now.addAndGet(doubling.updateAndGet(t -> 2 * t)), Duration.ofNanos(9999)));
    }

    @Test
    void aTableIsWrittenThreeWays() {
        Table table =
                Table.of("name", "value").row("a, \"b\"", 1.5).row("x|y", 20000).row("tiny", 1.25e-7);

        assertEquals("name        value\na, \"b\"      1.500\nx|y         20000\ntiny    1.250e-07\n", table.text());
        assertEquals(
                "| name | value |\n| --- | --- |\n| a, \"b\" | 1.500 |\n| x\\|y | 20000 |\n| tiny | 1.250e-07 |\n",
                table.markdown());
        assertEquals("name,value\n\"a, \"\"b\"\"\",1.500\nx|y,20000\ntiny,1.250e-07\n", table.csv());
        assertThrows(IllegalArgumentException.class, () -> table.row("one"));
    }
}
