package dev.lathe.lab.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** No rule beats the one that looks ahead. */
class ExpertCacheRatesProperties {
    @Property(tries = 200)
    void noRuleBeatsTheBound(@ForAll long seed, @ForAll @IntRange(min = 4, max = 12) int places) {
        Random random = new Random(seed);
        List<int[]> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int first = (int) Math.min(11, Math.abs(4 * random.nextGaussian()));
            requests.add(new int[] {first, (first + 1 + random.nextInt(11)) % 12});
        }
        ExpertCacheRates rates = ExpertCacheRates.of(requests, 12, places);
        assertTrue(rates.leastRecent() <= rates.bound(), rates.toString());
        assertTrue(rates.leastFrequent() <= rates.bound(), rates.toString());
        assertTrue(rates.halfPinned() <= rates.bound(), rates.toString());
    }

    @Test
    void aCycleIsTheWorstForTheLeastRecent() {
        List<int[]> requests = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            requests.add(new int[] {i % 3});
        }
        ExpertCacheRates rates = ExpertCacheRates.of(requests, 3, 2);
        assertEquals(0, rates.leastRecent());
        assertEquals(0.47, rates.bound(), 0.02, "one of two stays: every other use of the others is a hit");
    }
}
