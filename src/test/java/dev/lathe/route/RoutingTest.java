package dev.lathe.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * Routers, cascades and their thresholds, with numbers as queries: a model answers rightly what is not too hard for it.
 */
class RoutingTest {
    /** Answers whether it could do it; queries are difficulties from 0 to 1. */
    private static Candidate<Double, Boolean> model(String name, double cost, double skill) {
        return new Candidate<>(name, cost, difficulty -> difficulty <= skill);
    }

    private static final List<Candidate<Double, Boolean>> MODELS =
            List.of(model("small", 1, 0.4), model("middle", 3, 0.7), model("large", 10, 0.95));

    private static final SuccessEstimate<Double> KNOWING =
            (difficulty, candidate) -> difficulty <= new double[] {0.4, 0.7}[candidate] ? 1 : 0;

    @Test
    void rulesChooseTheFirstThatHolds() {
        ModelRouter<Double, Boolean> router = ModelRouter.of(
                MODELS, Rules.<Double>otherwise(2).when(query -> query < 0.3, 0).when(query -> query < 0.6, 1));
        assertEquals("small", router.choose(0.1).name());
        assertEquals("middle", router.choose(0.3).name());
        Routed<Boolean> routed = router.route(0.9);
        assertEquals(new Routed<>(true, 2, "large", 10, List.of()), routed);
        ModelRouter<Double, Boolean> wrong = ModelRouter.of(MODELS, Rules.otherwise(3));
        assertThrows(IllegalArgumentException.class, () -> wrong.choose(0.5));
    }

    @Test
    void anEstimateSendsAQueryToTheCheapestThatSuffices() {
        ModelRouter<Double, Boolean> router = ModelRouter.of(MODELS, Selector.firstSufficient(KNOWING, 0.5, 0.5));
        assertEquals(0, router.route(0.4).candidate());
        assertEquals(1, router.route(0.41).candidate());
        assertEquals(2, router.route(0.99).candidate());
        assertEquals(
                0,
                ModelRouter.of(MODELS, Selector.firstSufficient(KNOWING, 0, 0))
                        .route(0.99)
                        .candidate());
        assertEquals(
                2,
                ModelRouter.of(MODELS, Selector.firstSufficient(KNOWING, 1.1, 1.1))
                        .route(0.0)
                        .candidate());
    }

    @Test
    void aCascadeAsksUntilAnAnswerIsGoodEnoughAndPaysForAll() {
        Cascade<Double, Boolean> cascade = Cascade.of(MODELS, (query, answer, candidate) -> answer ? 1 : 0, 0.5, 0.5);
        assertEquals(new Routed<>(true, 0, "small", 1, List.of(1.0)), cascade.run(0.2));
        assertEquals(new Routed<>(true, 1, "middle", 4, List.of(0.0, 1.0)), cascade.run(0.6));
        assertEquals(new Routed<>(false, 2, "large", 14, List.of(0.0, 0.0)), cascade.run(0.99));
        assertEquals(1 + 0.6 * 3 + 0.6 * 0.5 * 10, cascade.expectedCost(0.4, 0.5), 1e-12);
    }

    @Test
    void scoresThatAreNoNumbersAreRefused() {
        Cascade<Double, Boolean> cascade = Cascade.of(MODELS, (query, answer, candidate) -> Double.NaN, 0, 0);
        assertThrows(IllegalArgumentException.class, () -> cascade.run(0.5));
        assertThrows(IllegalArgumentException.class, () -> Cascade.of(MODELS, (q, a, c) -> 0, Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> Cascade.of(MODELS, (q, a, c) -> 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Candidate<Double, Boolean>("free", 0, q -> true));
        assertThrows(IllegalArgumentException.class, () -> RoutingCurve.ofRouter(List.of()));
    }

    /** Of all orders, none is expected to cost less. */
    @Property(tries = 200)
    void theOrderByCostOverAcceptanceIsTheCheapest(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int count) {
        Random random = new Random(seed);
        double[] costs = random.doubles(count, 0.1, 10).toArray();
        double[] acceptance = random.doubles(count).toArray();
        double found = inOrder(Cascade.cheapestOrder(costs, acceptance), costs, acceptance);
        List<int[]> orders = new ArrayList<>();
        permute(new int[count], 0, orders);
        for (int[] order : orders) {
            assertTrue(found <= inOrder(order, costs, acceptance) + 1e-9);
        }
    }

    private static double inOrder(int[] order, double[] costs, double[] acceptance) {
        double expected = 0;
        double reached = 1;
        for (int i : order) {
            expected += reached * costs[i];
            reached *= 1 - acceptance[i];
        }
        return expected + reached * 20;
    }

    private static void permute(int[] order, int at, List<int[]> orders) {
        if (at == order.length) {
            orders.add(order.clone());
            return;
        }
        for (int next = 0; next < order.length; next++) {
            boolean used = false;
            for (int i = 0; i < at; i++) {
                used |= order[i] == next;
            }
            if (!used) {
                order[at] = next;
                permute(order, at + 1, orders);
            }
        }
    }

    /** Scores that tell something of the truth; the large model is right more often. */
    private static List<RoutingTrial> trials(Random random, int count, double noise) {
        List<RoutingTrial> trials = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double difficulty = random.nextDouble();
            double score = 1 - difficulty + noise * random.nextGaussian();
            trials.add(new RoutingTrial(
                    List.of(score),
                    List.of(difficulty < 0.5 ? 1.0 : 0, difficulty < 0.9 ? 1.0 : 0),
                    List.of(1.0, 8.0),
                    0));
        }
        return trials;
    }

    @Property(tries = 30)
    void costGrowsWithTheThresholdAndTheEndsAreAlwaysTheOne(@ForAll long seed, @ForAll boolean cascade) {
        List<RoutingTrial> trials = trials(new Random(seed), 60, 0.3);
        RoutingCurve curve = cascade ? RoutingCurve.ofCascade(trials) : RoutingCurve.ofRouter(trials);
        double before = -1;
        for (double threshold = -2; threshold < 3; threshold += 0.1) {
            double cost = curve.at(threshold).cost();
            assertTrue(cost >= before);
            before = cost;
        }
        assertEquals(curve.always(0).cost(), curve.at(Double.NEGATIVE_INFINITY).cost(), 1e-12);
        assertEquals(
                curve.always(0).quality(), curve.at(Double.NEGATIVE_INFINITY).quality(), 1e-12);
        assertEquals(
                curve.always(1).quality(), curve.at(Double.POSITIVE_INFINITY).quality(), 1e-12);
        assertEquals(cascade ? 9 : 8, curve.at(Double.POSITIVE_INFINITY).cost(), 1e-12);
    }

    @Property(tries = 30)
    void nothingDominatesTheFrontAndItHoldsTheCheapestOfEachQuality(@ForAll long seed) {
        RoutingCurve curve = RoutingCurve.ofCascade(trials(new Random(seed), 50, 0.5));
        List<RoutingPoint> front = curve.front();
        for (RoutingPoint point : front) {
            assertTrue(curve.points().stream().noneMatch(point::isDominatedBy));
            assertEquals(point, curve.cheapest(point.quality()).orElseThrow());
        }
        for (RoutingPoint point : curve.points()) {
            boolean isOn = front.contains(point);
            assertTrue(isOn
                    || front.stream()
                            .anyMatch(other -> point.isDominatedBy(other)
                                    || other.cost() == point.cost() && other.quality() == point.quality()));
        }
        assertTrue(curve.cheapest(1.01).isEmpty());
    }

    /** Every combination of three models' thresholds that the sweep could find, tried by hand. */
    @Test
    void severalThresholdsAreTunedTogether() {
        List<RoutingTrial> trials = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 40; i++) {
            double difficulty = random.nextDouble();
            trials.add(RoutingTrial.ofRouter(
                    difficulty,
                    MODELS,
                    (asked, candidate) -> new double[] {0.4, 0.7}[candidate] - asked,
                    (asked, right) -> right ? 1 : 0));
        }
        RoutingCurve curve = RoutingCurve.ofRouter(trials);
        RoutingPoint best = curve.cheapest(curve.always(2).quality()).orElseThrow();
        double least = Double.POSITIVE_INFINITY;
        for (RoutingTrial first : trials) {
            for (RoutingTrial second : trials) {
                RoutingPoint point =
                        curve.at(first.scores().getFirst(), second.scores().getLast());
                least = point.quality() >= curve.always(2).quality() ? Math.min(least, point.cost()) : least;
            }
        }
        assertEquals(least, best.cost(), 1e-12);
        assertTrue(best.cost() < curve.always(2).cost());
        assertEquals(1, best.shares().stream().mapToDouble(share -> share).sum(), 1e-12);
    }

    /** Tuned with two standard errors to spare, a threshold keeps its promise on queries that did not tune it. */
    @Test
    @Slow
    void aThresholdTunedOnOneHalfHoldsOnTheOther() {
        int held = 0;
        int found = 0;
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            RoutingCurve tuned = RoutingCurve.ofRouter(trials(random, 150, 0.2));
            RoutingCurve other = RoutingCurve.ofRouter(trials(random, 4000, 0.2));
            RoutingPoint point = tuned.cheapestRetaining(0.9, 2).orElse(tuned.always(1));
            found += point.cost() < 0.9 * tuned.always(1).cost() ? 1 : 0;
            held += other.at(point.thresholdArray()).quality()
                            >= 0.9 * other.always(1).quality()
                    ? 1
                    : 0;
        }
        assertTrue(held >= 180, held + " of 200 hold");
        assertTrue(found >= 180, found + " of 200 save a tenth");
    }

    @Test
    void chanceIsAStraightLineAndKnowledgeIsAboveIt() {
        RoutingCurve curve = RoutingCurve.ofRouter(trials(new Random(3), 300, 0.1));
        double chance = (curve.always(0).quality() + curve.always(1).quality()) / 2;
        assertEquals(chance, curve.qualityOfRandom(4.5), 1e-12);
        assertTrue(curve.meanQuality() > chance + 0.05, curve.meanQuality() + " and " + chance);
        List<RoutingTrial> blind = trials(new Random(3), 3000, 1000);
        assertEquals(chance, RoutingCurve.ofRouter(blind).meanQuality(), 0.06);
    }

    @Test
    void nearestQueriesAreTheMostSimilarOnes() {
        List<Double> known = List.of(0.0, 0.1, 0.2, 0.8, 0.9, 1.0);
        double[][] qualities = {{1}, {1}, {1}, {0}, {0}, {0}};
        NearestQueries<Double> nearest = NearestQueries.of(
                angle -> new float[] {(float) Math.cos(angle), (float) Math.sin(angle)}, known, qualities, 3);
        assertEquals(1, nearest.of(0.05, 0), 1e-12);
        assertEquals(0, nearest.of(1.3, 0), 1e-12);
        double between = nearest.of(0.45, 0); // 0.2, 0.1 and 0.8
        assertTrue(between > 0.6 && between < 0.7, "" + between);
        assertThrows(
                IllegalArgumentException.class,
                () -> NearestQueries.of(angle -> new float[1], known, new double[2][1], 3));
    }
}
