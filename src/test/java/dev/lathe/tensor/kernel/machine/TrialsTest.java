package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.lathe.figures.Stopwatch;
import dev.lathe.tensor.kernel.machine.Trials.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Shapes are tried in turn, and the fastest is kept. */
class TrialsTest {
    @Test
    void theFastestShapeIsKept() {
        for (Shape fastest : Trials.SHAPES) {
            AtomicLong clock = new AtomicLong();
            AtomicInteger runs = new AtomicInteger();
            Trials trials = new Trials(new Stopwatch(clock::get), Optional.empty());
            while (trials.chosen() == null) {
                int run = runs.getAndIncrement() / Trials.SHAPES.size();
                int disturbed = run % 2 == 0 ? 100 : 0;
                trials.run(1L << 40, shape -> {
                    boolean lucky = run == 1 && !shape.equals(fastest);
                    clock.addAndGet(lucky ? 1 : (shape.equals(fastest) ? 5 : 6) + disturbed);
                });
            }
            assertEquals(fastest, trials.chosen());
        }
    }

    @Test
    void everyShapeIsTriedAsOftenAndSmallProductsAreNoTrials() {
        Trials trials = new Trials(Stopwatch.system(), Optional.empty());
        trials.run(10, shape -> assertEquals(Trials.SHAPES.getFirst(), shape));
        List<Shape> tried = new ArrayList<>();
        Consumer<Shape> work = tried::add;
        while (trials.chosen() == null) {
            trials.run(1L << 40, work);
        }
        for (Shape shape : Trials.SHAPES) {
            assertEquals(tried.size() / Trials.SHAPES.size(), Collections.frequency(tried, shape));
        }
        tried.clear();
        trials.run(1L << 40, work);
        assertEquals(List.of(trials.chosen()), tried);
    }

    @Test
    void trialsThatBeginWhileTheLastOnesAreUnderWayAreNotCounted() {
        AtomicLong clock = new AtomicLong();
        Trials trials = new Trials(new Stopwatch(clock::get), Optional.empty());
        AtomicInteger runs = new AtomicInteger();
        Shape fastest = Trials.SHAPES.get(1);
        trials.run(
                1L << 40,
                _ -> { // under way while all others are tried
                    while (runs.getAndIncrement() < 1000) {
                        trials.run(1L << 40, shape -> clock.addAndGet(shape.equals(fastest) ? 5 : 6));
                    }
                    assertNull(trials.chosen());
                });
        assertEquals(fastest, trials.chosen());
    }

    @Test
    void aShapeThatIsChosenIsNotTried() {
        Shape shape = Trials.SHAPES.get(2);
        Trials trials = new Trials(Stopwatch.system(), Optional.of(shape));
        trials.run(1L << 40, used -> assertEquals(shape, used));
        assertNull(Trials.asConfigured().chosen());
    }
}
