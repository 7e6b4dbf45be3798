package dev.lathe.lab.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.lab.plan.Trace.Arrival;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TraceReplayTest {
    private static double seconds(Arrival arrival) {
        return 1e-3 * arrival.promptTokens() + 0.02 * arrival.outputTokens();
    }

    @Test
    void oneMachineWaitsAsTheFormulaOfPollaczekAndKhinchineSays() {
        Trace trace = Trace.poisson(at -> 0.5, 0.5, 400_000, 100, 50, 0, 1); // 1.1 s each
        TraceReplay replay = TraceReplay.of(trace, 1, TraceReplayTest::seconds);
        double load = 0.5 * 1.1;
        assertEquals(load * 1.1 / (2 * (1 - load)), replay.waitSummary().mean(), 0.03); // M/D/1
        assertEquals(load, replay.utilization(), 0.01);
    }

    @Property(tries = 30)
    void moreMachinesNeverWaitLongerAndLatencyIsWaitAndService(@ForAll long seed) {
        Trace trace = Trace.poisson(at -> 1 + Math.sin(at / 50), 2, 600, 200, 40, 0.8, seed);
        TraceReplay few = TraceReplay.of(trace, 1, TraceReplayTest::seconds);
        for (int machines = 2; machines < 6; machines++) {
            TraceReplay more = TraceReplay.of(trace, machines, TraceReplayTest::seconds);
            for (int i = 0; i < more.waits().size(); i++) {
                assertTrue(more.waits().get(i) <= few.waits().get(i) + 1e-9);
                assertEquals(
                        more.latencies().get(i),
                        more.waits().get(i) + seconds(trace.arrivals().get(i)),
                        1e-6);
            }
            few = more;
        }
        int fewest = TraceReplay.fewest(trace, TraceReplayTest::seconds, 0.9, 1, 100);
        assertTrue(share(trace, fewest) >= 0.9);
        assertTrue(fewest == 1 || share(trace, fewest - 1) < 0.9);
    }

    private static double share(Trace trace, int machines) {
        List<Double> waits =
                TraceReplay.of(trace, machines, TraceReplayTest::seconds).waits();
        return waits.stream().filter(wait -> wait <= 1).count() / (double) waits.size();
    }

    @Test
    void aTraceHasItsRateAndItsLengths() {
        Trace trace = Trace.poisson(at -> at < 5000 ? 1 : 3, 3, 10_000, 300, 80, 0.5, 7);
        List<Integer> counts = trace.counts(5000);
        assertEquals(5000, counts.get(0), 300);
        assertEquals(15_000, counts.get(1), 500);
        long shorter = trace.arrivals().stream()
                .filter(arrival -> arrival.promptTokens() < 300)
                .count();
        assertEquals(0.5, shorter / (double) trace.arrivals().size(), 0.02);
        assertEquals(trace, Trace.poisson(at -> at < 5000 ? 1 : 3, 3, 10_000, 300, 80, 0.5, 7));
        assertThrows(IllegalArgumentException.class, () -> Trace.poisson(at -> 2, 1, 10, 1, 1, 0, 1));
        assertEquals(
                0,
                TraceReplay.of(new Trace(List.of()), 1, TraceReplayTest::seconds)
                        .utilization());
        assertThrows(IllegalArgumentException.class, () -> TraceReplay.of(trace, 0, TraceReplayTest::seconds));
        assertThrows(
                IllegalArgumentException.class, () -> TraceReplay.fewest(trace, TraceReplayTest::seconds, 1, 0, 2));
    }

    /** A load whose level shifts: the chosen pool follows it, no fixed size does. */
    @Test
    void aPoolChosenFromThePastCostsLessThanAnyFixedOne() {
        Trace trace =
                Trace.poisson(at -> at < 20_000 ? 0.02 : 0.2, 0.2, 40_000, 100, 50, 0.5, new Random(2).nextLong());
        List<Integer> loads = trace.counts(100);
        double chosen = TraceReplay.poolCost(loads, 20, 1, 5);
        for (int machines = 0; machines < 60; machines++) {
            double fixed = TraceReplay.fixedCost(loads, machines, 1, 5);
            assertTrue(chosen < fixed, machines + " machines cost " + fixed + ", chosen ones " + chosen);
        }
    }
}
