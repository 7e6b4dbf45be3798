package dev.lathe.lab.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Which texts, how many, and how often. */
class CalibrationChoiceTest {
    @Test
    void prototypesAreOneOfEachKindAndOutliersAreHard() {
        Random random = new Random(3);
        double[][] vectors = new double[31][];
        for (int i = 0; i < 30; i++) {
            vectors[i] = new double[] {100 * (i % 3) + random.nextDouble(), random.nextDouble()};
        }
        vectors[30] = new double[] {110, 8};
        Prototypes prototypes = Prototypes.of(vectors, 3, 5);

        Set<Integer> kinds = prototypes.examples().stream().map(i -> i % 3).collect(Collectors.toSet());
        assertEquals(3, kinds.size());
        assertEquals(30, prototypes.hardest(1).getFirst());
        List<Integer> easiest = prototypes.easiest(31);
        for (int i = 1; i < easiest.size(); i++) {
            assertTrue(prototypes.distance(easiest.get(i - 1)) <= prototypes.distance(easiest.get(i)));
        }
        assertEquals(easiest.reversed().getFirst(), prototypes.hardest(1).getFirst());
        assertThrows(IllegalArgumentException.class, () -> Prototypes.of(vectors, 32, 1));
    }

    @Property(tries = 100)
    void aPoolSeenOnceFollowsItsPowerAndRepetitionsHelpLess(
            @ForAll @DoubleRange(min = 0.05, max = 1) double utility,
            @ForAll @DoubleRange(min = 0.5, max = 20) double halfLife,
            @ForAll @LongRange(min = 10, max = 100_000) long size) {
        RepeatedPool pool = new RepeatedPool("pool", size, utility, halfLife);
        assertEquals(1, pool.lossAfter(1), 1e-12);
        assertEquals(Math.pow(size, -utility), pool.lossAfter(size), 1e-9);
        double last = pool.lossAfter(size);
        for (int times = 2; times < 6; times++) {
            double loss = pool.lossAfter(times * size);
            assertTrue(loss < last);
            assertTrue(loss > Math.pow((double) times * size, -utility), "a fresh pool would help more");
            last = loss;
        }
        double second = Math.pow(2, -utility * Math.pow(0.5, 1 / halfLife));
        assertEquals(pool.lossAfter(size) * second, pool.lossAfter(2 * size), 1e-9);
    }

    @Test
    void fewSamplesWantTheCleanPoolAndManyTheLargeOne() {
        RepeatedPool clean = new RepeatedPool("clean", 1_000, 0.3, 2);
        RepeatedPool large = new RepeatedPool("large", 1_000_000, 0.25, 2);
        List<RepeatedPool> pools = List.of(clean, large);
        assertEquals(clean, RepeatedPool.best(pools, 1_000));
        assertEquals(large, RepeatedPool.best(pools, 1_000_000));
        assertThrows(IllegalArgumentException.class, () -> RepeatedPool.best(List.of(), 10));
        assertThrows(IllegalArgumentException.class, () -> new RepeatedPool("x", 10, 0, 1));
    }

    @Test
    void asManyTextsAsTheErrorNeeds() {
        Random random = new Random(4);
        double[] all = random.doubles(20_000).toArray(); // deviation 0.289
        long count = SampleSize.forError(Arrays.copyOf(all, 500), 0.02, all.length);
        assertEquals(785, count, 60);
        double mean = Arrays.stream(all).average().orElseThrow();
        int within = 0;
        for (int run = 0; run < 1000; run++) {
            double sample = random.ints(count, 0, all.length)
                    .mapToDouble(i -> all[i])
                    .average()
                    .orElseThrow();
            within += Math.abs(sample - mean) <= 0.02 ? 1 : 0;
        }
        assertEquals(0.95, within / 1000.0, 0.03);
        assertEquals(10, SampleSize.forError(new double[] {0, 100}, 1e-6, 10));
        assertEquals(1, SampleSize.forError(new double[] {5, 5}, 1, 10));
        assertThrows(IllegalArgumentException.class, () -> SampleSize.forError(new double[] {1}, 1, 10));
    }
}
