package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.KernelsWithAttention;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.kernel.scalar.ScalarAttention;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** What attention in a tree looks at. */
class QueryBlockTest {
    /** Counts how often a slot of a path is asked for. */
    private static final class CountingRows extends TextRows {
        private int visits;

        CountingRows(TextRows rows) {
            super(rows);
        }

        @Override
        int pathSlot(int row, int depth) {
            visits++;
            return super.pathSlot(row, depth);
        }
    }

    /** Counts the calls that add values. */
    private static final class CountingAttention implements AttentionKernels {
        private final AttentionKernels kernels = new ScalarAttention();
        private int additions;

        @Override
        public void scores(
                float[] queries,
                int queryOffset,
                int queryStride,
                int queryCount,
                float[] keys,
                int keyOffset,
                int size,
                float[] scores,
                int scoreOffset,
                int scoreStride) {
            kernels.scores(
                    queries,
                    queryOffset,
                    queryStride,
                    queryCount,
                    keys,
                    keyOffset,
                    size,
                    scores,
                    scoreOffset,
                    scoreStride);
        }

        @Override
        public void accumulate(
                float[] weights,
                int weightOffset,
                int weightStride,
                int queryCount,
                float[] values,
                int valueOffset,
                int positions,
                int size,
                float[] output,
                int outputOffset,
                int outputStride) {
            additions++;
        }
    }

    private static final int ROWS = 20 * PageShape.TILE;
    private static final int QUERIES = 4;

    /** The last rows of a tree attend to their paths. */
    private static CountingRows attend(Kernels kernels, IntUnaryOperator parent) {
        int[] parents = new int[ROWS];
        Arrays.setAll(parents, parent);
        TokenBatch tree = TokenBatch.tree(new int[ROWS], parents);
        LayerConfig layer = LayerConfig.builder(1, 1, 32, 32).build();
        KvCache cache = KvCache.of(layer, ROWS, CacheType.F32, kernels.cache());
        cache.reserve(0, ROWS);
        CountingRows counted = new CountingRows(TextRows.of(tree, List.of(cache), 0));
        new QueryBlock(kernels)
                .run(
                        layer,
                        new AttentionScores(layer, WeightGroup.NONE, kernels.elementwise()),
                        cache,
                        counted,
                        0,
                        0,
                        ROWS - QUERIES,
                        ROWS,
                        FloatMatrix.zeros(ROWS, 32),
                        FloatMatrix.zeros(ROWS, 32));
        return counted;
    }

    /** Two long branches that take turns: each path is walked once, not once for every tile of the cache. */
    @Test
    void aPathIsWalkedOnceHoweverManyTilesThereAre() {
        CountingRows counted = attend(KernelChoice.best(), row -> row < 2 ? TokenBatch.ROOT : row - 2);
        int path = ROWS / 2;
        int tiles = ROWS / PageShape.TILE;
        assertTrue(
                counted.visits <= QUERIES * (2 * path + 2 * tiles),
                counted.visits + " slots looked at for " + QUERIES + " paths of " + path);
    }

    /** Two long branches one behind the other: what lies together in a tile is added in one call, not slot by slot. */
    @Test
    void neighbouringSlotsOfAPathAreAddedTogether() {
        CountingAttention attention = new CountingAttention();
        attend(
                new KernelsWithAttention(KernelChoice.best(), attention),
                row -> row == ROWS / 2 ? TokenBatch.ROOT : row - 1);
        int tiles = ROWS / PageShape.TILE;
        assertTrue(
                attention.additions <= QUERIES * (tiles / 2 + 1),
                attention.additions + " calls for " + QUERIES + " paths in a half of " + tiles + " tiles");
    }
}
