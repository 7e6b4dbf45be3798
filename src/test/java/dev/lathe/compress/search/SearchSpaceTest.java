package dev.lathe.compress.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.search.Profile.Kind;
import dev.lathe.compress.search.Profile.Part;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
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
        assertEquals(0.2, consensus.disagreement(), 1e-9);
    }

    private static SearchSpace space(int parts, Random random) {
        List<Profile> profiles = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            List<Variant> variants = new ArrayList<>();
            for (int j = 0; j < VARIANTS; j++) {
                variants.add(new Variant(j / 10.0, TensorType.Q8_0));
            }
            profiles.add(new Profile(
                    new Part(Kind.FEED_FORWARD, i),
                    variants,
                    random.doubles(VARIANTS, 10, 1000).toArray(),
                    random.doubles(VARIANTS).toArray(),
                    random.doubles(VARIANTS).toArray()));
        }
        return new SearchSpace(profiles, 10);
    }
}
