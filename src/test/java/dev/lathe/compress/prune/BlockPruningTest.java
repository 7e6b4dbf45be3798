package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class BlockPruningTest {
    @Property(tries = 40)
    void theFitIsNeverWorseThanTheBlocksAsTheyAre(
            @ForAll @IntRange(min = 1, max = 150) int rows,
            @ForAll @IntRange(min = 1, max = 8) int blocks,
            @ForAll @IntRange(min = 1, max = 6) int width,
            @ForAll long seed) {
        Random random = new Random(seed);
        int columns = blocks * width;
        FloatMatrix weights = RandomMatrices.gaussian(rows, columns, random);
        FloatMatrix inputs = RandomMatrices.inputs(30, columns, random);
        BitSet present = new BitSet();
        for (int i = 0; i < (rows + 63) / 64 * blocks; i++) {
            present.set(i, random.nextBoolean());
        }
        BlockMask mask = new BlockMask(rows, columns, width, present);
        FloatMatrix plain = BlockFit.masked(weights, mask);
        FloatMatrix fitted = BlockFit.fitted(weights, mask, RandomMatrices.gram(inputs), Workers.single());
        double without = RandomMatrices.outputError(inputs, weights, plain);
        double with = RandomMatrices.outputError(inputs, weights, fitted);
        assertTrue(with <= without * (1 + 1e-5) + 1e-5, () -> with + " > " + without);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                if (!mask.isPresent(row / 64, column / width)) {
                    assertEquals(0f, fitted.get(row, column));
                }
            }
        }
    }

    /** Whatever goes first of each stripe, the costs of all that is gone are the error of the fit to what is left. */
    @Property(tries = 30)
    void costsAddUpToTheErrorOfTheFit(@ForAll @IntRange(min = 2, max = 6) int blocks, @ForAll long seed) {
        Random random = new Random(seed);
        int columns = 4 * blocks;
        FloatMatrix weights = RandomMatrices.gaussian(70, columns, random);
        FloatMatrix inputs = RandomMatrices.inputs(90, columns, random);
        GramMatrix gram = RandomMatrices.gram(inputs);
        BlockOrder order = BlockOrder.of(weights, gram, 4, Workers.single());
        BitSet present = new BitSet();
        present.set(0, 2 * blocks);
        double expected = 0;
        for (int stripe = 0; stripe < 2; stripe++) {
            int gone = random.nextInt(blocks);
            for (int i = stripe * blocks; i < stripe * blocks + gone; i++) {
                assertEquals(stripe, order.blocks()[i] / blocks);
                assertTrue(i == stripe * blocks || order.costs()[i] >= order.costs()[i - 1]);
                present.clear(order.blocks()[i]);
                expected += order.costs()[i];
            }
        }
        FloatMatrix fitted = BlockFit.fitted(weights, new BlockMask(70, columns, 4, present), gram, Workers.single());
        double error = RandomMatrices.outputError(inputs, weights, fitted);
        double all = RandomMatrices.outputError(inputs, weights, FloatMatrix.zeros(70, columns));
        // the costs never decrease, where the cheapest may become cheaper once another is gone
        assertTrue(error / all <= expected * 1.02 + 1e-6, error / all + " of " + expected);
        assertTrue(error / all >= expected * 0.7 - 1e-6, error / all + " of " + expected);
    }

    /** Two blocks whose inputs are the same cost nothing one at a time; only one of them goes first. */
    @Example
    void blocksThatStandInForEachOtherDoNotGoTogether() {
        Random random = new Random(3);
        FloatMatrix weights = RandomMatrices.gaussian(64, 16, random);
        FloatMatrix inputs = RandomMatrices.gaussian(200, 16, random);
        for (int row = 0; row < inputs.rows(); row++) {
            System.arraycopy(inputs.data(), inputs.offset(row), inputs.data(), inputs.offset(row) + 4, 4);
        }
        BlockOrder order = BlockOrder.of(weights, RandomMatrices.gram(inputs), 4, Workers.single());
        assertTrue(order.blocks()[0] < 2);
        assertEquals(0, order.costs()[0], 1e-4);
        assertTrue(order.costs()[1] > 0.05, "the second costs " + order.costs()[1]);
    }

    @Property(tries = 60)
    void theShareIsReachedWithinABlockAndTheCheapestGo(
            @ForAll @DoubleRange(max = 0.8) double share,
            @ForAll @IntRange(min = 1, max = 5) int matrices,
            @ForAll long seed) {
        Random random = new Random(seed);
        BlockAllocation allocation = new BlockAllocation();
        double[][] scores = new double[matrices][];
        int total = 0;
        for (int i = 0; i < matrices; i++) {
            scores[i] = random.doubles(random.nextInt(20, 60)).toArray();
            Arrays.sort(scores[i]);
            allocation.add("m" + i, order(scores[i]), 2.5);
            total += scores[i].length;
        }
        Map<String, BitSet> kept = allocation.keep(share);
        int left = kept.values().stream().mapToInt(BitSet::cardinality).sum();
        assertEquals(Math.floor(share * total + 1e-9), total - left);
        double worstRemoved = 0;
        double leastKept = 1;
        for (int i = 0; i < matrices; i++) {
            for (int block = 0; block < scores[i].length; block++) {
                if (kept.get("m" + i).get(block)) {
                    leastKept = Math.min(leastKept, scores[i][block]);
                } else {
                    worstRemoved = Math.max(worstRemoved, scores[i][block]);
                }
            }
        }
        assertTrue(worstRemoved <= leastKept || matrices > 1, worstRemoved + " " + leastKept);
    }

    private static BlockOrder order(double... costs) {
        return new BlockOrder(IntStream.range(0, costs.length).toArray(), costs);
    }

    @Example
    void moreIsRemovedWhereABlockCostsMore() {
        BlockAllocation allocation = new BlockAllocation();
        double[] scores = new Random(2).doubles(100).toArray();
        Arrays.sort(scores);
        allocation.add("cheap", order(scores), 1);
        allocation.add("dear", order(scores), 3);
        Map<String, BitSet> kept = allocation.keep(0.3);
        assertTrue(kept.get("dear").cardinality() < kept.get("cheap").cardinality());
    }

    @Example
    void measuredCostsArePositiveAndMeasuredOnce() throws IOException {
        int[] reads = {0};
        BlockCosts costs = BlockCosts.joules(
                TensorType.Q8_0, 1, () -> ++reads[0] * 10 + System.nanoTime() * 1e-9, Workers.single());
        double cost = costs.of(128, 96, 32);
        assertTrue(cost > 0 && cost < 1000, "cost " + cost);
        int before = reads[0];
        assertEquals(cost, costs.of(128, 96, 32));
        assertEquals(before, reads[0]);
        assertTrue(costs.of(64, 96, 32) > 0);
        assertTrue(reads[0] > before);
        assertEquals(1, BlockCosts.equal().of(64, 96, 32));
        assertThrows(IllegalArgumentException.class, () -> BlockCosts.seconds(TensorType.F16, 0, Workers.single()));
    }

    @Example
    void namesSayHowCostsWereMeasured() {
        BlockPruning seconds = Prune.blocks(0.25).costs(BlockCosts.seconds(TensorType.Q8_0, 128, Workers.single()));
        assertTrue(seconds.name().contains("by measured seconds of Q8_0, 128 rows"), seconds.name());
        assertEquals(
                Prune.blocks(0.25).name(),
                Prune.blocks(0.25).costs(BlockCosts.equal()).name());
    }
}
