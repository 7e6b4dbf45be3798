package dev.lathe.compress.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.search.Part.Kind;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SearchSpaceTest {
    private static final int VARIANTS = 4;

    @Property(tries = 60)
    void repairIsNeverWorseAndNearlyAlwaysTheBest(@ForAll long seed) {
        Random random = new Random(seed);
        SearchSpace space = space(5, random);
        double[] most = space.objectives(space.best());
        Budget budget = Budget.bytes((long) (most[0] * (0.3 + 0.6 * random.nextDouble())) + 1);
        int[] start = random.ints(5, 0, VARIANTS).toArray();
        double[] before = space.judge(start, budget, 1);
        double[] after = space.judge(space.repaired(start, budget, 1), budget, 1);
        assertTrue(Arrays.compare(after, before) <= 0);
        double[] best = {Double.POSITIVE_INFINITY};
        for (int code = 0; code < 1024; code++) {
            int[] genome = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3, code >> 8};
            double[] value = space.judge(genome, budget, 1);
            best = Arrays.compare(value, best) < 0 ? value : best;
        }
        assertEquals(best[0], after[0], 0.02);
        assertTrue(after[0] > 0 || after[1] <= 1.6 * best[1] + 0.2, after[1] + " beside " + best[1]);
    }

    @Property(tries = 30)
    void theDescentSavesAtEveryStep(@ForAll long seed) {
        SearchSpace space = space(6, new Random(seed));
        for (int objective = 0; objective < 2; objective++) {
            double last = Double.POSITIVE_INFINITY;
            for (int[] genome : space.descent(objective)) {
                double cost = space.objectives(genome)[objective];
                assertTrue(cost < last);
                last = cost;
            }
        }
    }

    @Example
    void aUniformRecipeTakesTheBestTableThatFits() {
        List<Variant> types = Stream.of(TensorType.Q8_0, TensorType.Q6_K, TensorType.Q4_0)
                .map(type -> new Variant(Reduction.NONE, type))
                .toList();
        double[][] costs = {{100, 3, 0.1}, {75, 2, 0.2}, {50, 1, 0.5}};
        List<Profile> profiles = Stream.of(
                        new Part(Kind.TABLE, 0), new Part(Kind.ATTENTION, 0), new Part(Kind.FEED_FORWARD, 0))
                .map(part -> new Profile(part, types, costs))
                .toList();
        SearchSpace space = new SearchSpace(Optional.empty(), profiles, new double[3]);
        int[] genome = {2, 2, 2};
        assertArrayEquals(new int[] {0, 2, 2}, space.withBestTable(genome, Budget.bytes(200), 9));
        assertArrayEquals(new int[] {1, 2, 2}, space.withBestTable(genome, Budget.bytes(199), 9));
        assertArrayEquals(new int[] {1, 2, 2}, space.withBestTable(genome, Budget.speedup(9.0 / 4), 9));
        assertArrayEquals(genome, space.withBestTable(new int[] {0, 2, 2}, Budget.bytes(10), 9));
        assertArrayEquals(new int[] {2, 2, 2}, genome);
    }

    @Example
    void budgetsLimitBytesAndSeconds() {
        Budget both = new Budget(OptionalLong.of(100), OptionalDouble.of(2));
        assertEquals(0, both.excess(100, 0.5, 1));
        assertEquals(0.1, both.excess(110, 0.5, 1), 1e-12);
        assertEquals(1, both.excess(100, 1, 1), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> new Budget(OptionalLong.empty(), OptionalDouble.empty()));
        assertThrows(IllegalArgumentException.class, () -> Budget.bytes(0));
        assertThrows(IllegalArgumentException.class, () -> Budget.speedup(0));
    }

    @Example
    void channelsThatNoTextNeedsAreFound() {
        FloatMatrix down = FloatMatrix.zeros(3, 10);
        Arrays.fill(down.data(), 1);
        FloatMatrix rows = FloatMatrix.zeros(50, 10);
        for (int row = 0; row < 50; row++) {
            for (int channel = 0; channel < 6; channel++) {
                rows.data()[row * 10 + channel] = channel < 4 || row % 2 == 0 ? 2 : 0.01f;
            }
        }
        Consensus consensus = new Consensus(down);
        consensus.add(rows);
        assertEquals(0.4, consensus.silentShare());
    }

    @Property(tries = 30)
    void whatIsDroppedAsInefficientIsNeverMissed(@ForAll long seed) {
        SearchSpace space = space(3, new Random(seed));
        SearchSpace efficient = space.efficient(Profile.BYTES, Profile.DIVERGENCE);
        double limit = space.objectives(space.best())[Profile.BYTES] * 0.7;
        assertEquals(leastDivergence(space, limit), leastDivergence(efficient, limit), 1e-12);
        for (Profile profile : efficient.profiles()) {
            for (double[] one : profile.costs()) {
                for (double[] other : profile.costs()) {
                    assertTrue(one == other
                            || !(one[Profile.BYTES] <= other[Profile.BYTES]
                                    && one[Profile.DIVERGENCE] < other[Profile.DIVERGENCE]));
                }
            }
        }
    }

    /** Half of the time that the least divergence takes, which some combinations meet. */
    @Property(tries = 20)
    @Slow
    void everyRecipeThatFitsABudgetOfTimeMeetsIt(@ForAll long seed) {
        SearchSpace space = space(6, new Random(seed));
        double unhurried = space.objectives(space.best())[Profile.SECONDS];
        List<int[]> descent = space.descent(Profile.SECONDS);
        double fastest = space.objectives(descent.getLast())[Profile.SECONDS];
        double limit = (unhurried + fastest) / 2;
        Combinations combinations =
                new Combinations(space, Budget.speedup(2), 2 * limit, seed, Collections.nCopies(6, 0.0));
        assertTrue(unhurried > limit || descent.size() == 1);
        assertFalse(combinations.fitting().isEmpty());
        combinations.fitting().forEach(one -> assertTrue(one.seconds() <= limit, one.seconds() + " of " + limit));
    }

    private static double leastDivergence(SearchSpace space, double bytes) {
        int[] choices = space.choices();
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < choices[0]; a++) {
            for (int b = 0; b < choices[1]; b++) {
                for (int c = 0; c < choices[2]; c++) {
                    double[] costs = space.objectives(new int[] {a, b, c});
                    least = costs[Profile.BYTES] <= bytes ? Math.min(least, costs[Profile.DIVERGENCE]) : least;
                }
            }
        }
        return least;
    }

    @Example
    void textsForOnePurposeServeNoOther() {
        List<int[]> texts = IntStream.range(0, 30).mapToObj(i -> new int[300]).toList();
        CalibrationSplit split = CalibrationSplit.of(texts);
        assertEquals(
                List.of(4, 16, 4),
                List.of(
                        split.signals().size(),
                        split.fitting().size(),
                        split.heldOut().size()));
        assertEquals(256, split.signals().getFirst().length);
        assertTrue(split.fitting().stream().noneMatch(text -> split.heldOut().contains(text)));
        assertEquals(texts.subList(4, 20), split.fitting());
        CalibrationSplit few = CalibrationSplit.of(texts.subList(0, 3));
        assertEquals(
                List.of(3, 3, 3),
                List.of(
                        few.signals().size(),
                        few.fitting().size(),
                        few.heldOut().size()));
        CalibrationSplit four = CalibrationSplit.of(texts.subList(0, 4));
        assertEquals(
                List.of(1, 2, 1),
                List.of(
                        four.signals().size(),
                        four.fitting().size(),
                        four.heldOut().size()));
    }

    private static SearchSpace space(int parts, Random random) {
        List<Profile> profiles = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            List<Variant> variants = new ArrayList<>();
            double[][] costs = new double[VARIANTS][];
            for (int j = 0; j < VARIANTS; j++) {
                variants.add(new Variant(new Reduction(Reduction.Way.UNITS, j / 10.0), TensorType.Q8_0));
                costs[j] = new double[] {10 + 990 * random.nextDouble(), random.nextDouble(), random.nextDouble()};
            }
            profiles.add(new Profile(new Part(Kind.FEED_FORWARD, i), variants, costs));
        }
        return new SearchSpace(Optional.empty(), profiles, new double[] {10, 0, 0});
    }
}
