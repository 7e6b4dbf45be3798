package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What is held or pinned stays, an expert is in one place, and the right one leaves. */
class ExpertPlacesProperties {
    @Property(tries = 300)
    void whatIsHeldOrPinnedStaysAndNobodyIsInTwoPlaces(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 12) int experts,
            @ForAll @IntRange(min = 2, max = 8) int count,
            @ForAll Eviction eviction) {
        Random random = new Random(seed);
        ExpertPlaces places = new ExpertPlaces(experts, count, eviction);
        int pinned = places.put(experts - 1);
        places.pin(pinned);
        Set<Integer> held = new HashSet<>();
        for (int step = 0; step < 50; step++) {
            int expert = random.nextInt(experts);
            if (held.contains(expert) && random.nextBoolean()) {
                places.release(places.place(expert));
                held.remove(expert);
            } else if (!held.contains(expert) && places.canTake(expert)) {
                boolean wasNowhere = places.place(expert) < 0;
                assertEquals(wasNowhere, places.take(expert)[0]);
                held.add(expert);
            }
            Set<Integer> taken = new HashSet<>();
            for (int i = 0; i < experts; i++) {
                assertTrue(places.place(i) < 0 || taken.add(places.place(i)), "two experts in one place");
            }
            held.forEach(e -> assertNotEquals(-1, places.place(e), "a held expert left"));
            assertEquals(pinned, places.place(experts - 1), "a pinned expert left");
        }
    }

    @Property(tries = 100)
    void moreLeastRecentPlacesNeverHitLess(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int count) {
        long before = hits(seed, count);
        assertTrue(hits(seed, count + 1) >= before, "least recent is a stack");
    }

    private static long hits(long seed, int count) {
        Random random = new Random(seed);
        ExpertPlaces places = new ExpertPlaces(10, count, Eviction.LEAST_RECENT);
        for (int step = 0; step < 200; step++) {
            int expert = (int) Math.min(9, Math.abs(3 * random.nextGaussian()));
            places.take(expert);
            places.release(places.place(expert));
        }
        assertEquals(200, places.hits() + places.misses());
        return places.hits();
    }

    @Test
    void theLeastRecentOrTheLeastFrequentLeaves() {
        assertArrayEquals(new int[] {-1, 0}, placesAfterThree(Eviction.LEAST_RECENT), "2 takes the place of 0");
        assertArrayEquals(new int[] {0, -1}, placesAfterThree(Eviction.LEAST_FREQUENT), "2 takes the place of 1");
    }

    private static int[] placesAfterThree(Eviction eviction) {
        ExpertPlaces places = new ExpertPlaces(3, 2, eviction);
        for (int expert : new int[] {0, 0, 1, 2}) {
            places.take(expert);
            places.release(places.place(expert));
        }
        return new int[] {places.place(0), places.place(1) < 0 ? -1 : 0};
    }

    @Test
    void whatCannotBeReadIsNowhere() {
        ExpertPlaces places = new ExpertPlaces(3, 1, Eviction.LEAST_RECENT);
        places.take(0);
        places.remove(places.place(0));
        assertEquals(-1, places.place(0));
        assertFalse(places.canTake(1), "its place is held until who holds it lets go");
        assertThrows(IllegalStateException.class, () -> places.take(1));
        places.release(0);
        assertTrue(places.canTake(1));
    }
}
