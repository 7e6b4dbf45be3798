package dev.lathe.lab.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.lab.plan.Allocation.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlanTest {
    private static List<Kind> kinds(Random random, int count, int classes) {
        List<Kind> kinds = new ArrayList<>();
        for (int kind = 0; kind < count; kind++) {
            List<Double> throughput = new ArrayList<>();
            for (int type = 0; type < classes; type++) {
                throughput.add(random.nextInt(5) == 0 && kind > 0 ? 0 : 0.5 + 4 * random.nextDouble());
            }
            kinds.add(new Kind("kind " + kind, 1 + 5 * random.nextDouble(), throughput));
        }
        return kinds;
    }

    private static List<Double> rates(Random random, int classes) {
        List<Double> rates = new ArrayList<>();
        for (int type = 0; type < classes; type++) {
            rates.add(10 * random.nextDouble());
        }
        return rates;
    }

    @Property(tries = 200)
    void anAllocationIsTheCheapestOfAllAndHoldsItsLoad(
            @ForAll @IntRange(min = 1, max = 3) int count,
            @ForAll @IntRange(min = 1, max = 3) int classes,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<Kind> kinds = kinds(random, count, classes);
        List<Double> rates = rates(random, classes);
        int slices = 2;
        Allocation allocation = Allocation.cheapest(kinds, rates, slices);

        assertTrue(allocation.isOptimal());
        assertEquals(bruteForce(kinds, rates, slices), allocation.cost(), 1e-9);
        assertTrue(allocation.cost() <= Allocation.singleKind(kinds, rates));
        for (int kind = 0; kind < count; kind++) {
            double load = 0;
            for (int slice = 0; slice < classes * slices; slice++) {
                if (allocation.kinds().get(slice) == kind) {
                    load += rates.get(slice / slices)
                            / slices
                            / kinds.get(kind).throughput().get(slice / slices);
                }
            }
            assertTrue(load <= allocation.machines().get(kind) + 1e-6);
        }
    }

    private static double bruteForce(List<Kind> kinds, List<Double> rates, int slices) {
        int all = rates.size() * slices;
        double best = Double.POSITIVE_INFINITY;
        for (int code = 0; code < Math.pow(kinds.size(), all); code++) {
            double[] loads = new double[kinds.size()];
            for (int slice = 0, rest = code; slice < all; slice++, rest /= kinds.size()) {
                int kind = rest % kinds.size();
                loads[kind] += rates.get(slice / slices)
                        / slices
                        / kinds.get(kind).throughput().get(slice / slices);
            }
            double cost = 0;
            for (int kind = 0; kind < loads.length; kind++) {
                cost += loads[kind] == Double.POSITIVE_INFINITY
                        ? Double.POSITIVE_INFINITY
                        : Math.ceil(loads[kind] - 1e-9) * kinds.get(kind).cost();
            }
            best = Math.min(best, cost);
        }
        return best;
    }

    @Property(tries = 30)
    void moreRequestsNeverCostLessAndTheirOrderIsNothing(@ForAll long seed) {
        Random random = new Random(seed);
        List<Kind> kinds = kinds(random, 2, 2);
        List<Double> rates = rates(random, 2);
        double cost = Allocation.cheapest(kinds, rates, 3).cost();

        assertTrue(Allocation.cheapest(kinds, List.of(rates.get(0) * 1.3, rates.get(1)), 3)
                        .cost()
                >= cost - 1e-9);
        List<Kind> reversed = new ArrayList<>(kinds);
        Collections.reverse(reversed);
        assertEquals(cost, Allocation.cheapest(reversed, rates, 3).cost(), 1e-9);
    }

    @Test
    void aSearchTooLargeToFinishSaysSoAndIsNoWorseThanOneKind() {
        Random random = new Random(3);
        List<Kind> kinds = kinds(random, 6, 20);
        List<Double> rates = rates(random, 20);
        Allocation allocation = Allocation.cheapest(kinds, rates, 8);

        assertTrue(allocation.lowerBound() <= allocation.cost());
        assertTrue(allocation.cost() <= Allocation.singleKind(kinds, rates));
    }

    @Test
    void requestsThatNobodyServesAreRefused() {
        Kind kind = new Kind("small", 1, List.of(1.0, 0.0));
        assertEquals(2, Allocation.cheapest(List.of(kind), List.of(2.0, 0.0), 4).cost());
        assertThrows(IllegalArgumentException.class, () -> Allocation.cheapest(List.of(kind), List.of(1.0, 0.1), 4));
        assertThrows(IllegalArgumentException.class, () -> Allocation.cheapest(List.of(), List.of(1.0), 1));
        assertThrows(IllegalArgumentException.class, () -> new Kind("free", 0, List.of(1.0)));
    }

    /** The size with the least mean cost over drawn loads is the size chosen, up to the noise of drawing. */
    @Test
    void thePoolsSizeHasTheLeastExpectedCost() {
        Random random = new Random(9);
        List<Integer> history = new ArrayList<>();
        for (int period = 0; period < 400; period++) {
            history.add(poisson(random, 6));
        }
        int[] loads = random.ints(20_000, 0, 1).map(zero -> poisson(random, 6)).toArray();
        for (double missCost : new double[] {0.5, 2, 20}) {
            int chosen = PoolSize.choose(history, 1, missCost);
            double best = Double.POSITIVE_INFINITY;
            for (int size = 0; size < 25; size++) {
                best = Math.min(best, cost(size, missCost, loads));
            }
            assertEquals(best, cost(chosen, missCost, loads), 0.03 * best);
        }
    }

    private static double cost(int size, double missCost, int... loads) {
        double cost = 0;
        for (int load : loads) {
            cost += load > size ? missCost * (load - size) : size - load;
        }
        return cost;
    }

    private static int poisson(Random random, double mean) {
        double product = random.nextDouble();
        int count = 0;
        while (product > Math.exp(-mean)) {
            product *= random.nextDouble();
            count++;
        }
        return count;
    }

    @Property
    void poolsGrowWithWhatAMissCosts(
            @ForAll @IntRange(max = 40) int load, @ForAll @IntRange(min = 1, max = 50) int cost) {
        List<Integer> history = Collections.nCopies(10, load);
        assertTrue(PoolSize.choose(history, 1, cost) <= PoolSize.choose(history, 1, cost + 1));
        assertTrue(PoolSize.quantile(List.of(), 0.5) >= 0);
        assertThrows(IllegalArgumentException.class, () -> PoolSize.quantile(history, 1));
        assertThrows(IllegalArgumentException.class, () -> PoolSize.choose(history, 0, 1));
    }
}
