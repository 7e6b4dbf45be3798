package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.quantize.BitAllocation.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BitAllocationProperties {
    /** For the bytes it takes, nothing that stays on the hulls has less loss than the last step could undo. */
    @Property(tries = 200)
    void isWithinOneStepOfTheBest(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int count) {
        Random random = new Random(seed);
        List<List<Option>> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(options(random));
        }
        long least = BitAllocation.least(items);
        long budget = least + random.nextInt(200);
        int[] chosen = BitAllocation.choose(items, budget);
        assertTrue(bytes(items, chosen) <= budget);
        double largestStep = 0;
        for (List<Option> options : items) {
            List<Integer> hull = BitAllocation.hull(options);
            for (int i = 1; i < hull.size(); i++) {
                largestStep = Math.max(
                        largestStep,
                        options.get(hull.get(i - 1)).loss()
                                - options.get(hull.get(i)).loss());
            }
        }
        assertTrue(loss(items, chosen) <= best(items, 0, budget) + largestStep + 1e-9);
    }

    @Property(tries = 100)
    void moreBytesNeverLoseMoreWhenAllStepsAreOfOneSize(@ForAll long seed) {
        Random random = new Random(seed);
        List<List<Option>> items = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            double loss = random.nextDouble() * 10;
            items.add(List.of(new Option(10, loss), new Option(20, loss / 4), new Option(30, loss / 16)));
        }
        double before = Double.POSITIVE_INFINITY;
        for (long budget = 40; budget <= 120; budget += 10) {
            double loss = loss(items, BitAllocation.choose(items, budget));
            assertTrue(loss <= before);
            assertEquals(best(items, 0, budget), loss, 1e-12);
            before = loss;
        }
    }

    @Example
    void hullLeavesOutWhatIsNeverBest() {
        List<Option> options = List.of(
                new Option(40, 1), new Option(10, 8), new Option(20, 7.9), new Option(30, 2), new Option(35, 3));
        assertEquals(List.of(1, 3, 0), BitAllocation.hull(options));
    }

    @Example
    void lessThanTheLeastIsAnError() {
        List<List<Option>> items = List.of(List.of(new Option(10, 1)));
        assertEquals(
                "the least is 10 bytes, the budget 9",
                assertThrows(IllegalArgumentException.class, () -> BitAllocation.choose(items, 9))
                        .getMessage());
    }

    private static List<Option> options(Random random) {
        List<Option> options = new ArrayList<>();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            options.add(new Option(random.nextInt(1, 60), random.nextInt(100)));
        }
        return options;
    }

    private static double best(List<List<Option>> items, int from, long budget) {
        if (budget < 0) {
            return Double.POSITIVE_INFINITY;
        }
        if (from == items.size()) {
            return 0;
        }
        double best = Double.POSITIVE_INFINITY;
        for (Option option : items.get(from)) {
            best = Math.min(best, option.loss() + best(items, from + 1, budget - option.bytes()));
        }
        return best;
    }

    private static long bytes(List<List<Option>> items, int[] chosen) {
        long bytes = 0;
        for (int i = 0; i < chosen.length; i++) {
            bytes += items.get(i).get(chosen[i]).bytes();
        }
        return bytes;
    }

    private static double loss(List<List<Option>> items, int[] chosen) {
        double loss = 0;
        for (int i = 0; i < chosen.length; i++) {
            loss += items.get(i).get(chosen[i]).loss();
        }
        return loss;
    }
}
