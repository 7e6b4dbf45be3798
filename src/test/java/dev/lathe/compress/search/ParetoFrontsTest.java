package dev.lathe.compress.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ParetoFrontsTest {
    @Property(tries = 80)
    void noneOfAFrontDominatesAnotherAndEachIsDominatedFromTheFrontBefore(
            @ForAll @IntRange(min = 1, max = 40) int count,
            @ForAll @IntRange(min = 1, max = 4) int objectives,
            @ForAll long seed) {
        Random random = new Random(seed);
        double[][] points = new double[count][];
        Arrays.setAll(
                points,
                i -> IntStream.range(0, objectives)
                        .mapToDouble(j -> random.nextInt(6)) // with ties
                        .toArray());
        int[] ranks = ParetoFronts.ranks(points);
        for (int i = 0; i < count; i++) {
            boolean dominatedFromBefore = ranks[i] == 0;
            for (int j = 0; j < count; j++) {
                boolean dominated = ParetoFronts.dominates(points[j], points[i]);
                assertFalse(dominated && ranks[j] >= ranks[i]);
                dominatedFromBefore |= dominated && ranks[j] == ranks[i] - 1;
            }
            assertTrue(dominatedFromBefore);
        }
        double[] crowding = ParetoFronts.crowding(points, ranks);
        for (double one : crowding) {
            assertTrue(one >= 0);
        }
    }

    @Slow
    @Property(tries = 20)
    void theSearchFindsTheWholeFrontOfASmallSpaceAndTheSameOneEveryTime(@ForAll long seed) {
        Random random = new Random(seed);
        double[][] costs = new double[4][5];
        double[][] divergences = new double[4][5];
        for (int i = 0; i < 4; i++) {
            costs[i] = random.doubles(5).toArray();
            divergences[i] = random.doubles(5).toArray();
        }
        java.util.function.Function<int[], double[]> objectives = genome -> new double[] {
            IntStream.range(0, 4).mapToDouble(i -> costs[i][genome[i]]).sum(),
            IntStream.range(0, 4).mapToDouble(i -> divergences[i][genome[i]]).sum()
        };
        int[] choices = {5, 5, 5, 5};
        List<int[]> front = new GeneticSearch(choices, objectives, 80, seed).run(List.of(), 60);
        List<int[]> again = new GeneticSearch(choices, objectives, 80, seed).run(List.of(), 60);
        assertEquals(front.size(), again.size());
        int missed = 0;
        for (int genome = 0; genome < 625; genome++) {
            double[] point = objectives.apply(new int[] {genome % 5, genome / 5 % 5, genome / 25 % 5, genome / 125});
            boolean better = front.stream().noneMatch(found -> {
                double[] other = objectives.apply(found);
                return other[0] <= point[0] && other[1] <= point[1];
            });
            missed += better ? 1 : 0;
        }
        assertTrue(missed <= 12, missed + " of 625 genomes are not matched by the front of " + front.size());
        for (int[] one : front) {
            for (int[] other : front) {
                assertFalse(ParetoFronts.dominates(objectives.apply(one), objectives.apply(other)));
            }
        }
    }

    @Example
    void proposalsAreNotLost() {
        java.util.function.Function<int[], double[]> needle =
                genome -> new double[] {IntStream.of(genome).allMatch(gene -> gene == 9) ? 0 : 1};
        int[] choices = new int[30];
        Arrays.fill(choices, 10);
        int[] proposal = new int[30];
        Arrays.fill(proposal, 9);
        List<int[]> front = new GeneticSearch(choices, needle, 20, 1).run(List.of(proposal), 10);
        assertEquals(1, front.size());
        assertTrue(Arrays.equals(proposal, front.getFirst()));
    }
}
