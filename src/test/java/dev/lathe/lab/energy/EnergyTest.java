package dev.lathe.lab.energy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.figures.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyTest {
    private static final Footprint.Grid GRID = new Footprint.Grid(1.2, 250, 0.3);

    @Property
    void energiesAddOverPhases(
            @ForAll @DoubleRange(max = 1e4) double first, @ForAll @DoubleRange(max = 1e4) double second) {
        EnergyReport a = report(new EnergyReport.Phase("prompt", 10, 2, first));
        EnergyReport b = report(new EnergyReport.Phase("decode", 5, 3, second));
        EnergyReport both = a.plus(b);

        assertEquals(first + second, both.joules(), 1e-9);
        assertEquals(a.activeJoules() + b.activeJoules(), both.activeJoules(), 1e-9);
        assertTrue(both.activeJoules() <= both.joules());
        assertEquals(
                GRID.of(first + second).grams(),
                GRID.of(first).plus(GRID.of(second)).grams(),
                1e-6);
    }

    private static EnergyReport report(EnergyReport.Phase phase) {
        return new EnergyReport(List.of(phase), EnergySource.MODELLED, 7);
    }

    @Test
    void idlingIsNoActiveEnergy() {
        assertEquals(0, report(new EnergyReport.Phase("idle", 0, 10, 70)).activeJoules());
        assertEquals(0, new EnergyReport(List.of(), EnergySource.MEASURED, 0).joules());
    }

    @Test
    void measuredAndModelledEnergiesAreNotMixed() {
        EnergyReport measured = new EnergyReport(List.of(), EnergySource.MEASURED, 7);
        assertThrows(
                IllegalArgumentException.class,
                () -> report(new EnergyReport.Phase("p", 1, 1, 1)).plus(measured));
        assertTrue(measured.table().text().contains("all, measured"));
        String table =
                report(new EnergyReport.Phase("decode", 4, 1, 10)).table().text();
        assertTrue(table.contains("all, modelled") && table.contains("2.500"), table);
    }

    @Test
    void modelledPowerLiesBetweenIdleAndFull() {
        AtomicLong now = new AtomicLong();
        AtomicLong cpu = new AtomicLong();
        UtilizationMeter meter = new UtilizationMeter(10, 50, 2, new Stopwatch(now::get), cpu::get);
        assertEquals(0, meter.joules());
        now.addAndGet(1_000_000_000L);
        assertEquals(10, meter.joules(), 1e-9);
        now.addAndGet(1_000_000_000L);
        cpu.addAndGet(2_000_000_000L);
        assertEquals(10 * 2 + 40, meter.joules(), 1e-9);
        cpu.addAndGet(100_000_000_000L); // a counter that ran ahead of the clock
        assertEquals(100, meter.joules(), 1e-9);
        assertThrows(IllegalArgumentException.class, () -> UtilizationMeter.ofProcess(5, 4));
    }

    @Test
    void thisProcessTellsItsProcessorTime() {
        UtilizationMeter meter = UtilizationMeter.ofProcess(1, 2);
        double before = meter.joules();
        assertTrue(meter.joules() >= before);
    }

    @Test
    void batteriesCountWhatTheyLoseAlone(@TempDir Path folder) throws IOException {
        assertThrows(UnsupportedOperationException.class, () -> BatteryMeter.open(folder));
        Path charge = Files.createDirectory(folder.resolve("BAT0")).resolve("energy_now");
        Files.writeString(charge, "50000000\n");
        BatteryMeter meter = BatteryMeter.open(folder);
        Files.writeString(charge, "49000000\n");
        assertEquals(3600, meter.joules(), 1e-9);
        Files.writeString(charge, "50000000\n");
        assertEquals(3600, meter.joules(), 1e-9);
        Files.writeString(charge, "49500000\n");
        assertEquals(5400, meter.joules(), 1e-9);
    }

    @Test
    void aKilowattHourIsPricedOnce() {
        Footprint footprint = GRID.of(3.6e6);
        assertEquals(300, footprint.grams(), 1e-9);
        assertEquals(0.36, footprint.money(), 1e-9);
        assertEquals(2.87e-21, Footprint.landauerJoules(1, 300), 1e-23);
        assertThrows(IllegalArgumentException.class, () -> new Footprint.Grid(0.9, 1, 1));
    }

    @Test
    void aFleetGrowsByRequestsAndShrinksBySavings() {
        List<Footprint> years = Footprint.project(GRID.of(3.6e6), 1.5, 0.8, 3);
        assertEquals(3, years.size());
        assertEquals(300 * 1.2 * 1.2, years.get(2).grams(), 1e-6);
    }

    @Property(tries = 100)
    void theFastestChoiceKeepsTheBudget(@ForAll long seed, @ForAll @IntRange(min = 11, max = 200) int budget) {
        Random random = new Random(seed);
        List<PowerCap.Point> points = random.ints(4, 1, 9)
                .distinct()
                .mapToObj(threads -> new PowerCap.Point(threads, 10 + 12 * threads, 5 + 20 * random.nextDouble()))
                .toList();
        PowerCap cap = new PowerCap(points, 10);
        PowerCap.Choice choice = cap.fastest(budget);

        assertTrue(choice.watts() <= budget + 1e-9);
        assertTrue(choice.duty() > 0 && choice.duty() <= 1);
        for (PowerCap.Point point : points) {
            assertTrue(point.watts() > budget || choice.tokensPerSecond() >= point.tokensPerSecond());
            assertTrue(cap.greenest().joulesPerToken() <= point.joulesPerToken());
        }
        assertThrows(IllegalArgumentException.class, () -> cap.fastest(9));
    }

    @Test
    void comparisonsFindDifferencesAndNoOthers() {
        Random random = new Random(11);
        int found = 0;
        int covered = 0;
        for (int run = 0; run < 1000; run++) {
            double[] a = random.doubles(8).map(x -> 5 + random.nextGaussian()).toArray();
            double[] b =
                    random.doubles(5).map(x -> 5 + 3 * random.nextGaussian()).toArray();
            Study.Comparison comparison = Study.compare(a, b);
            found += comparison.pValue() < 0.05 ? 1 : 0;
            covered += comparison.difference().covers(0) ? 1 : 0;
            assertEquals(comparison.pValue() < 0.05, !comparison.difference().covers(0));
        }
        assertEquals(0.05, found / 1000.0, 0.025);
        assertEquals(0.95, covered / 1000.0, 0.025);
        assertTrue(Study.compare(new double[] {1, 1.1, 0.9}, new double[] {3, 3.1, 2.9})
                        .pValue()
                < 0.001);
        assertTrue(Study.anova(List.of(new double[] {1, 1.1}, new double[] {1, 1.05}, new double[] {4, 4.1})) < 0.01);
        assertThrows(IllegalArgumentException.class, () -> Study.compare(new double[] {1}, new double[] {1, 2}));
        assertThrows(IllegalArgumentException.class, () -> Study.compare(new double[] {1, 1}, new double[] {2, 2}));
    }
}
