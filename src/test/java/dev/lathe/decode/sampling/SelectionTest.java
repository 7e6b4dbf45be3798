package dev.lathe.decode.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

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
}
