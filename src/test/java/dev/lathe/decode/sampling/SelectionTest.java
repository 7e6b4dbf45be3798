package dev.lathe.decode.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SelectionTest {
    @Property(tries = 200)
    void theLargestAreThoseOfASortedArray(
            @ForAll @IntRange(max = 300) int count, @ForAll @IntRange(max = 300) int most, @ForAll long seed) {
        int wanted = Math.min(count, most);
        long[] keys = new Random(seed).longs(count + 5).toArray();
        long[] sorted = Arrays.copyOf(keys, count);
        Arrays.sort(sorted);
        long[] expected = new long[wanted];
        Arrays.setAll(expected, i -> sorted[count - 1 - i]);
        assertArrayEquals(expected, Selection.largest(keys, count, wanted));
    }

    /** Asked for at each token where no alternatives are wanted, of vocabularies of any size. */
    @Test
    void noneOfManyCostsNothing() {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] keys = new long[200_000];
        Selection.largest(keys, keys.length, 0);
        long before = thread.getCurrentThreadAllocatedBytes();
        Selection.largest(keys, keys.length, 0);
        assertTrue(thread.getCurrentThreadAllocatedBytes() - before < keys.length);
    }
}
