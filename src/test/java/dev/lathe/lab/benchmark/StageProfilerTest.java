package dev.lathe.lab.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.figures.Stopwatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StageProfilerTest {
    private final AtomicLong now = new AtomicLong();
    private final Stopwatch stopwatch = new Stopwatch(now::get);

    /** Random nests of stages: what each took adds up to what passed while any was open, and energies likewise. */
    @Property(tries = 200)
    void timesAndEnergiesAddUpOverStages(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int steps) {
        StageProfiler profiler = new StageProfiler(stopwatch, Optional.of(() -> now.get() * 3e-9));
        Random random = new Random(seed);
        long[] inside = {0};
        nest(profiler, random, steps, inside);
        now.addAndGet(12345);

        List<Stage> stages = profiler.stages();
        assertEquals(
                inside[0] * 1e-9, stages.stream().mapToDouble(Stage::seconds).sum(), 1e-12);
        assertEquals(
                inside[0] * 3e-9, stages.stream().mapToDouble(Stage::joules).sum(), 1e-9);
    }

    private void nest(StageProfiler profiler, Random random, int steps, long... inside) {
        for (int step = 0; step < steps; step++) {
            try (var _ = profiler.enter("stage " + random.nextInt(3))) {
                pass(random, inside);
                if (random.nextBoolean()) {
                    nest(profiler, random, steps / 3, inside);
                }
                pass(random, inside);
            }
        }
    }

    private void pass(Random random, long... inside) {
        long nanos = random.nextInt(1000);
        now.addAndGet(nanos);
        inside[0] += nanos;
    }

    @Test
    void innerStagesAreLeftOutOfOuterOnes() {
        StageProfiler profiler = new StageProfiler(stopwatch);
        try (var _ = profiler.enter("outer")) {
            now.addAndGet(10);
            try (var _ = profiler.enter("inner")) {
                now.addAndGet(5);
            }
            now.addAndGet(1);
        }
        assertEquals(
                List.of(new Stage("outer", 1, 11 * 1e-9, 0), new Stage("inner", 1, 5 * 1e-9, 0)), profiler.stages());
    }

    @Test
    void stagesAreClosedInnermostFirstAndOnce() {
        StageProfiler profiler = new StageProfiler(stopwatch);
        StageProfiler.Scope outer = profiler.enter("outer");
        StageProfiler.Scope inner = profiler.enter("inner");
        assertThrows(IllegalStateException.class, outer::close);
        inner.close();
        assertThrows(IllegalStateException.class, inner::close);
        outer.close();
    }

    @Test
    void aRealGenerationIsMeasuredByStage() throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
                Session session = model.newSession()) {
            GenerationBenchmark benchmark = new GenerationBenchmark(
                    session,
                    "public class A {",
                    8,
                    new Stopwatch(() -> now.addAndGet(1_000_000)), // a millisecond passes with each look at it
                    Optional.of(() -> now.get() * 1e-9));
            GenerationBenchmark.Report report = benchmark.run(3, Duration.ZERO);

            assertEquals(
                    List.of("tokenize", "prompt", "decode", "detokenize"),
                    report.stages().stream().map(Stage::name).toList());
            assertEquals(
                    List.of(3, 3, 24, 3),
                    report.stages().stream().map(Stage::count).toList());
            assertEquals(3, report.firstToken().count());
            assertEquals(21, report.betweenTokens().count());
            double seconds =
                    report.stages().stream().mapToDouble(Stage::seconds).sum();
            assertEquals(seconds, report.joules(), 1e-9, "the meter runs at one watt");
            assertEquals(0, report.drift().value(), 1e-6, "every step takes the same time");
        }
    }

    @Test
    void aSteadySpeedHasNoDriftAndAFallingOneHas() {
        List<Double> minutes = List.of(0.0, 1.0, 2.0, 3.0, 4.0);
        assertTrue(GenerationBenchmark.drift(minutes, List.of(10.0, 10.1, 9.9, 10.1, 10.0))
                .covers(0));
        assertEquals(
                -0.125,
                GenerationBenchmark.drift(minutes, List.of(10.0, 9.0, 8.0, 7.0, 6.0))
                        .value(),
                1e-9);
        assertThrows(
                IllegalArgumentException.class,
                () -> new GenerationBenchmark(null, "", 2, stopwatch, Optional.empty()));
    }
}
