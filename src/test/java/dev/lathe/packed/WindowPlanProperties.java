package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.packed.PackedTable.Group;
import dev.lathe.packed.WindowPlan.Times;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Plans keep to their limits, and passes take what the conditions of TPI-LLM say. */
class WindowPlanProperties {
    private static List<Group> groups(int layers, long globalBytes, long layerBytes) {
        List<Group> groups = new ArrayList<>();
        groups.add(new Group(-1, -1, 0, globalBytes, new int[0]));
        for (int layer = 0; layer < layers; layer++) {
            groups.add(new Group(layer, -1, 0, layerBytes + layer % 3, new int[0]));
        }
        return groups;
    }

    private static double simulate(int layers, int places, double read, double compute) {
        List<Group> groups = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            groups.add(new Group(layer, -1, 0, 1000, new int[0]));
        }
        Times times = new Times(read / 1000, compute / 1000);
        return WindowPlan.simulate(groups, new boolean[layers], places, times);
    }

    @Property(tries = 500)
    void aPlanKeepsToItsLimitAndUsesIt(
            @ForAll @IntRange(min = 1, max = 40) int layers,
            @ForAll @IntRange(max = 5000) int globalBytes,
            @ForAll @IntRange(min = 10, max = 1000) int layerBytes,
            @ForAll @DoubleRange(min = 0.1, max = 10) double read,
            @ForAll @DoubleRange(max = 1) double room) {
        List<Group> groups = groups(layers, globalBytes, layerBytes);
        long all = groups.stream().mapToLong(Group::byteCount).sum();
        long smallest = WindowPlan.smallestLimit(groups);
        long limit = smallest + (long) (room * (all - smallest));
        WindowPlan plan = WindowPlan.of(groups, limit, new Times(read, 1));
        assertTrue(plan.memoryBytes() <= limit, () -> plan + " takes " + plan.memoryBytes() + " of " + limit);
        assertEquals(limit < all, plan.streamedLayers() > 0);
        assertTrue(plan.passNanos() >= all * 0.999, "all is computed");
        assertTrue(plan.passNanos() >= plan.streamedBytes() * read * 0.999, "what is read takes its time");
    }

    @Property(tries = 200)
    void withTwoPlacesAReadIsHiddenBehindALayerOfTheSameTime(
            @ForAll @IntRange(min = 2, max = 20) int pairs, @ForAll @DoubleRange(min = 0.1, max = 10) double read) {
        int layers = 2 * pairs;
        assertEquals(layers * (read + 1), simulate(layers, 1, read, 1), 1e-6, "one place: in turn");
        assertEquals(layers * Math.max(read, 1), simulate(layers, 2, read, 1), 1e-6, "two: side by side");
    }

    @Test
    void layersThatStayAreSpreadAmongTheOthers() {
        List<Group> groups = groups(12, 0, 1000);
        WindowPlan plan = WindowPlan.of(groups, 6 * 1002, new Times(1, 1));
        int longest = 0;
        int run = 0;
        for (boolean stays : Arrays.copyOfRange(plan.resident(), 1, 13)) {
            run = stays ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        assertEquals(1, longest, plan.toString());
    }
}
