package dev.lathe.tensor.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.store.BufferPlanner.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** No two buffers that are in use at once overlap, and memory is between the bound and the sum. */
class BufferPlannerProperties {
    private static List<Buffer> buffers(Random random, int count) {
        List<Buffer> buffers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = random.nextInt(12);
            buffers.add(new Buffer("b" + i, random.nextInt(100), first, first + random.nextInt(5)));
        }
        return buffers;
    }

    @Property(tries = 300)
    void buffersThatAreInUseAtOnceDoNotOverlap(
            @ForAll long seed, @ForAll @IntRange(max = 20) int count, @ForAll @IntRange(max = 30) int attempts) {
        List<Buffer> buffers = buffers(new Random(seed), count);
        BufferPlanner.Plan plan = BufferPlanner.plan(buffers, attempts);
        long mostInUse = 0;
        for (int step = 0; step < 20; step++) {
            boolean[] used = new boolean[(int) plan.peak()];
            long inUse = 0;
            for (int i = 0; i < count; i++) {
                Buffer buffer = buffers.get(i);
                if (buffer.first() <= step && step <= buffer.last()) {
                    inUse += buffer.size();
                    for (long at = 0; at < buffer.size(); at++) {
                        int place = (int) (plan.offsets().get(i) + at);
                        assertTrue(!used[place], "step " + step + ", byte " + place);
                        used[place] = true;
                    }
                }
            }
            mostInUse = Math.max(mostInUse, inUse);
        }
        assertEquals(mostInUse, plan.lowerBound());
        assertTrue(plan.peak() >= plan.lowerBound() && plan.peak() <= plan.separate());
        assertTrue(plan.peak() <= BufferPlanner.plan(buffers, 0).peak());
    }

    @Example
    void searchFindsWhatTheGreedyOrderMisses() {
        int better = 0;
        for (long seed = 0; seed < 200; seed++) {
            List<Buffer> buffers = buffers(new Random(seed), 12);
            long greedy = BufferPlanner.plan(buffers, 0).peak();
            better += BufferPlanner.plan(buffers, 200).peak() < greedy ? 1 : 0;
        }
        assertTrue(better > 0);
        assertThrows(IllegalArgumentException.class, () -> new Buffer("back", 1, 2, 1));
    }
}
