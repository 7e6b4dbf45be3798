package dev.lathe.lab.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.lab.registry.Machine;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class LearnedCostTest {
    private static final int[] SIZES = {256, 512, 768, 1024, 2048};

    /**
     * A machine whose products take the roofline's time, one and a half times so long for few inputs, and a third longer on
     * two threads.
     */
    private static MachineCosts machine(String name, double speed, double noise, long seed) {
        Random random = new Random(seed);
        List<MachineCosts.Limit> limits = new ArrayList<>();
        List<Observation> observations = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            for (TensorType type : new TensorType[] {TensorType.F16, TensorType.Q4_0}) {
                Roofline roofline = new Roofline(1e10 * speed * threads, 5e10 * speed * threads, 2e-6);
                limits.add(new MachineCosts.Limit(type, threads, roofline));
                for (int outputs : SIZES) {
                    for (int inputs : SIZES) {
                        for (int tokens : new int[] {1, 16, 128}) {
                            Operation operation = new Operation(outputs, inputs, type, tokens, threads, 10_000_000);
                            double limit = roofline.seconds(operation.bytes(), operation.multiplies());
                            double factor = (inputs < 600 ? 1.5 : 1) * (threads == 2 ? 4.0 / 3 : 1);
                            observations.add(new Observation(
                                    operation, limit * factor * Math.exp(noise * random.nextGaussian())));
                        }
                    }
                }
            }
        }
        return new MachineCosts(new Machine(name, 2, "Linux", "25"), "avx2", limits, observations);
    }

    @Test
    void shapesThatWereNotMeasuredArePredictedFromTheOthers() {
        Costs costs = new Costs(List.of(machine("a", 1, 0, 1)));

        Summary learned = LearnedCost.crossValidateShapes(costs, 5);

        assertTrue(learned.median() < 0.03, () -> "" + learned);
        assertTrue(LearnedCost.rooflineErrors(costs).median() > 0.2);
    }

    @Test
    void anotherMachineIsPredictedFromItsLimitsAlone() {
        Costs costs =
                new Costs(List.of(machine("a", 1, 0.02, 1), machine("b", 3, 0.02, 2), machine("c", 0.4, 0.02, 3)));

        Summary learned = LearnedCost.crossValidateMachines(costs);

        assertTrue(learned.median() < 0.05, () -> "" + learned);
        assertThrows(
                IllegalArgumentException.class,
                () -> LearnedCost.crossValidateMachines(new Costs(List.of(machine("a", 1, 0, 1)))));
    }

    @Property(tries = 20)
    void predictionsAreAboveZeroWhateverIsAsked(
            @ForAll @IntRange(min = 1, max = 60) int outputs,
            @ForAll @IntRange(min = 1, max = 60) int blocks,
            @ForAll @IntRange(min = 1, max = 4000) int tokens) {
        MachineCosts machine = machine("a", 1, 0.1, 1);

        double seconds = LearnedHolder.LEARNED.seconds(
                machine, new Operation(100 * outputs, 32 * blocks, TensorType.Q4_0, tokens, 2, 10_000_000));

        assertTrue(seconds > 0 && Double.isFinite(seconds), () -> "" + seconds);
    }

    private static final class LearnedHolder {
        static final LearnedCost LEARNED = LearnedCost.fit(new Costs(List.of(machine("a", 1, 0.1, 1))));
    }

    @Test
    void filesComeBackAsTheyWere(@TempDir Path folder) throws IOException {
        Costs costs = new Costs(List.of(machine("a", 1, 0.1, 1), machine("b", 2, 0.1, 2)));
        Path file = folder.resolve("costs.json");

        costs.write(file);

        assertEquals(costs, Costs.read(file));
        assertEquals(List.of(file), Files.list(folder).toList());
    }

    @Test
    void filesThatWereCutEditedOrWrittenByANewerVersionAreRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("costs.json");
        new Costs(List.of(machine("a", 1, 0.1, 1))).write(file);
        String good = Files.readString(file);
        String seconds = good.replaceFirst("(?s).*?\"seconds\": ([0-9.E-]+).*", "$1");

        assertRefused(file, good.replace(seconds, "1.5"), "cut or edited");
        assertRefused(file, good.replace("\"version\": 1", "\"version\": 2"), "its version is 2");
        assertRefused(file, good.replace("lathe-costs", "costs"), "its format is costs");
        assertRefused(file, good.substring(0, good.length() / 2), "holds no costs of operations");
        assertRefused(file, "[]", "holds no costs of operations");
    }

    private static void assertRefused(Path file, String content, String message) throws IOException {
        Files.writeString(file, content);
        IOException refused = assertThrows(IOException.class, () -> Costs.read(file));
        assertTrue(refused.getMessage().contains(message), refused::getMessage);
    }

    @Test
    void mergingIsTheSameInAnyOrderAndAnyNumberOfTimes() {
        Costs a = new Costs(List.of(machine("a", 1, 0.1, 1)));
        Costs again = new Costs(List.of(machine("a", 1.1, 0.1, 2)));
        Costs b = new Costs(List.of(machine("b", 1, 0.1, 3)));

        Costs merged = a.merge(again).merge(b);

        assertEquals(merged, b.merge(again).merge(a));
        assertEquals(merged, merged.merge(merged).merge(again));
        assertEquals(2, merged.machines().size());
        assertEquals(a.size() + b.size(), merged.size());
        for (Observation observation : merged.machines().getFirst().observations()) {
            double least = Collections.min(List.of(seconds(a, observation), seconds(again, observation)));
            assertEquals(least, observation.seconds());
        }
    }

    private static double seconds(Costs costs, Observation like) {
        return costs.machines().getFirst().observations().stream()
                .filter(observation -> observation.operation().equals(like.operation()))
                .findFirst()
                .orElseThrow()
                .seconds();
    }

    @Test
    void whatNoMeasurementGivesIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Operation(0, 32, TensorType.Q4_0, 1, 1, 10_000_000));
        assertThrows(IllegalArgumentException.class, () -> new Operation(8, 33, TensorType.Q4_0, 1, 1, 10_000_000));
        Operation operation = new Operation(8, 32, TensorType.Q4_0, 1, 1, 10_000_000);
        assertThrows(IllegalArgumentException.class, () -> new Observation(operation, Double.NaN));
        Machine machine = new Machine("a", 1, "Linux", "25");
        assertThrows(
                IllegalArgumentException.class,
                () -> new MachineCosts(machine, "avx2", List.of(), List.of(new Observation(operation, 1))));
        assertThrows(IllegalArgumentException.class, () -> LearnedCost.fit(new Costs(List.of())));
    }

    @Test
    void productsOfThisMachineAreTimed() {
        try (Workers workers = Workers.of(1)) {
            ProductBenchmark benchmark = new ProductBenchmark(64, 256, TensorType.Q4_0, 100_000, Stopwatch.system());

            assertTrue(benchmark.seconds(1, workers) > 0);
        }
    }
}
