package dev.lathe.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuneTest {
    @Property
    void onAClockWithoutNoiseTheBestIsFoundAndNeverWorseThanTheFirst(
            @ForAll @IntRange(min = 1, max = 40) int count, @ForAll long seed) {
        double[] costs = new Random(seed).doubles(count).toArray();
        List<Integer> candidates = IntStream.range(0, count).boxed().toList();
        SuccessiveHalving.Result<Integer> result =
                SuccessiveHalving.search(candidates, 1, (candidate, repetitions) -> costs[candidate]);

        assertTrue(result.cost() <= costs[0]);
        assertEquals(costs[0], result.firstCost());
        assertEquals(IntStream.range(0, count).mapToDouble(i -> costs[i]).min().orElseThrow(), result.cost());
        assertEquals(costs[result.best()], result.cost());
    }

    @Property
    void anyNoiseLeavesTheResultNoWorseThanTheFirstByTheLastRound(
            @ForAll @IntRange(min = 1, max = 30) int count, @ForAll long seed) {
        Random random = new Random(seed);
        List<Integer> candidates = IntStream.range(0, count).boxed().toList();
        SuccessiveHalving.Result<Integer> result =
                SuccessiveHalving.search(candidates, 2, (candidate, repetitions) -> random.nextDouble());

        assertTrue(result.cost() <= result.firstCost());
        assertTrue(result.repetitions() <= 2 * count * (2 + Math.log(count) / Math.log(2)) * 2);
    }

    @Test
    void candidatesAreDifferentAndCostsAreNumbers() {
        assertThrows(IllegalArgumentException.class, () -> SuccessiveHalving.search(List.of(), 1, (c, n) -> 0));
        assertThrows(IllegalArgumentException.class, () -> SuccessiveHalving.search(List.of(1, 1), 1, (c, n) -> 0));
        assertThrows(
                IllegalArgumentException.class, () -> SuccessiveHalving.search(List.of(1), 1, (c, n) -> Double.NaN));
    }

    @Test
    void settingsAreRememberedByMachineAndModel(@TempDir Path folder) throws IOException {
        TunedSettings settings = new TunedSettings(folder.resolve("new"));
        assertEquals(Optional.empty(), settings.find("m", "a"));
        TunedSettings.Tuned tuned = new TunedSettings.Tuned(Map.of("threads", "2", "cache", "Q8_0"), 0.125);
        settings.save("m", "a", new TunedSettings.Tuned(Map.of(), 9));
        settings.save("m", "a", tuned);
        settings.save("m", "b", new TunedSettings.Tuned(Map.of(), 1));

        assertEquals(tuned, settings.find("m", "a").orElseThrow());
        try (var files = Files.list(folder.resolve("new"))) {
            assertEquals(2, files.count());
        }
        for (Path file : Files.list(folder.resolve("new")).toList()) {
            Files.writeString(file, "{\"machine\": 5}");
        }
        IOException broken = assertThrows(IOException.class, () -> settings.find("m", "a"));
        assertTrue(broken.getMessage().contains("delete it to tune again"), broken.getMessage());
    }

    @Test
    void driftIsToldWhenTheMedianLeavesTheTolerance() {
        DriftDetector detector = new DriftDetector(1, 0.1, 3);
        for (double cost : new double[] {1, 1.05, 9, 0.97, 1.02}) {
            assertFalse(detector.add(cost), "one slow run is noise");
        }
        assertFalse(detector.add(1.3));
        assertTrue(detector.add(1.3));
        assertThrows(IllegalArgumentException.class, () -> new DriftDetector(0, 0.1, 3));
    }

    @Test
    void theShortestWindowHasSeenTheVariance() {
        assertEquals(2, DriftDetector.shortestWindow(new double[] {1, 2, 1, 2, 1, 2}, 0.9));
        assertEquals(5, DriftDetector.shortestWindow(new double[] {5, 1, 5, 1, 3, 3, 3, 3}, 0.5));
        assertEquals(3, DriftDetector.shortestWindow(new double[] {9, 1, 1}, 0.9));
    }
}
