package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.lathe.tensor.kernel.machine.Trials.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Shapes are tried in turn, and the fastest is kept. */
class TrialsTest {
    @Test
    void theFastestShapeIsKept() {
        for (int fastest = 0; fastest < Trials.SHAPES.size(); fastest++) {
            Trials trials = new Trials(Optional.empty());
            for (int i = 0; trials.chosen() == null; i++) {
                int shape = i % Trials.SHAPES.size();
                double disturbed = i < Trials.SHAPES.size() ? 100 : 0; // the first of each
                trials.end(shape, (shape == fastest ? 1 : 2) + disturbed);
            }
            assertEquals(Trials.SHAPES.get(fastest), trials.chosen());
        }
    }

    @Test
    void everyShapeIsTriedAsOftenAndSmallProductsAreNoTrials() {
        Trials trials = new Trials(Optional.empty());
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
    void aShapeThatIsChosenIsNotTried() {
        Shape shape = Trials.SHAPES.get(2);
        Trials trials = new Trials(Optional.of(shape));
        trials.run(1L << 40, used -> assertEquals(shape, used));
        assertNull(Trials.asConfigured().chosen());
    }
}
