package dev.lathe.lab.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.lab.plan.ContextPlanner.Cost;
import dev.lathe.lab.plan.ContextPlanner.Line;
import dev.lathe.lab.plan.ContextPlanner.Switch;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Bytes are those of real texts; times are lines through what was measured; the advice is what a search would find. */
class ContextPlannerTest {
    private static Cost cost(CacheType type, long pageBytes, double base, double slope) {
        return new Cost(type, 64, pageBytes, new Line(base, slope), new Line(base / 8, slope));
    }

    @Example
    void bytesAreThoseOfRealTexts() throws IOException {
        try (Model model = Model.load(Path.of("examples/models/lathe-java-draft-f16.gguf"), new LoadOptions(1))) {
            ContextPlanner planner =
                    ContextPlanner.measure(model.languageModel(), List.of(CacheType.values()), 64, System::nanoTime);
            assertEquals(
                    List.of(CacheType.values()),
                    planner.costs().stream().map(Cost::type).toList());
            for (Cost cost : planner.costs()) {
                for (int tokens : new int[] {1, 63, 64, 65, 200}) {
                    try (InferenceState state = model.languageModel().newState(500, cost.type())) {
                        state.forward(TokenBatch.noLogits(new int[tokens]));
                        assertEquals(state.snapshot().byteCount(), cost.bytes(tokens), cost.type() + ", " + tokens);
                    }
                }
                assertTrue(cost.tokenTime(100).toNanos() > 0
                        && cost.promptTime(100).toNanos() > 0);
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ContextPlanner.measure(model.languageModel(), List.of(), 63, System::nanoTime));
        }
    }

    @Property
    void aPromptTakesTheSumOfItsTokens(@ForAll @IntRange(max = 3000) int tokens) {
        Cost cost = cost(CacheType.F32, 100, 8000, 3);
        double sum = 0;
        for (int position = 0; position < tokens; position++) {
            sum += cost.promptToken().at(position);
        }
        assertEquals(sum, cost.promptTime(tokens).toNanos(), 1);
    }

    @Property
    void theTypeToTakeIsTheLargestThatFits(
            @ForAll @IntRange(min = 1, max = 9) int texts, @ForAll @IntRange(min = 1, max = 200_000) int memory) {
        ContextPlanner planner = new ContextPlanner(List.of(
                cost(CacheType.Q8_0, 300, 1, 1), cost(CacheType.F32, 1000, 1, 1), cost(CacheType.F16, 500, 1, 1)));
        List<Switch> switches = planner.switches(texts, memory, 4000);
        assertEquals(1, switches.getFirst().from());
        for (int tokens = 1; tokens <= 4000; tokens += 7) {
            int length = tokens;
            Switch chosen = switches.stream()
                    .filter(step -> step.from() <= length)
                    .reduce((first, second) -> second)
                    .orElseThrow();
            long[] fitting = planner.costs().stream()
                    .filter(cost -> cost.texts(length, memory) >= texts)
                    .mapToLong(Cost::pageBytes)
                    .toArray();
            long largest = Arrays.stream(fitting).max().orElse(0);
            assertEquals(largest, chosen.cost().map(Cost::pageBytes).orElse(0L), "at " + tokens);
        }
    }

    @Example
    void oneTypeIsFasterThanAnotherFromWhereTheirLinesMeet() {
        Cost flat = cost(CacheType.Q8_0, 300, 1000, 1);
        Cost steep = cost(CacheType.F32, 1000, 500, 3);
        assertEquals(OptionalInt.of(250), ContextPlanner.fasterFrom(flat, steep, 4000));
        assertEquals(OptionalInt.of(1), ContextPlanner.fasterFrom(steep, flat, 4000));
        assertEquals(OptionalInt.empty(), ContextPlanner.fasterFrom(flat, steep, 200));
        assertEquals(new Line(100, 2), Line.through(50, 200, 100, 300));
        assertEquals(new Line(150, 0), Line.through(50, 200, 100, 150));
    }
}
