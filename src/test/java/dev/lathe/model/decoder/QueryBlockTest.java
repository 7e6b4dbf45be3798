package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.Arrays;
import java.util.List;
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

    /** Two long branches that take turns: each path is walked once, not once for every tile of the cache. */
    @Test
    void aPathIsWalkedOnceHoweverManyTilesThereAre() {
        int rows = 20 * PageShape.TILE;
        int[] parents = new int[rows];
        Arrays.setAll(parents, row -> row < 2 ? TokenBatch.ROOT : row - 2);
        TokenBatch tree = TokenBatch.tree(new int[rows], parents);
        Kernels kernels = KernelChoice.best();
        LayerConfig layer = LayerConfig.builder(1, 1, 32, 32).build();
        KvCache cache = KvCache.of(layer, rows, CacheType.F32, kernels.cache());
        cache.reserve(0, rows);
        CountingRows counted = new CountingRows(TextRows.of(tree, List.of(cache), 0));
        int queries = 4;
        FloatMatrix matrix = FloatMatrix.zeros(rows, 32);
        new QueryBlock(kernels)
                .run(
                        layer,
                        new AttentionScores(layer, WeightGroup.NONE, kernels.elementwise()),
                        cache,
                        counted,
                        0,
                        0,
                        rows - queries,
                        rows,
                        matrix,
                        FloatMatrix.zeros(rows, 32));
        int path = rows / 2;
        int tiles = rows / PageShape.TILE;
        assertTrue(
                counted.visits <= queries * (2 * path + 2 * tiles),
                counted.visits + " slots looked at for " + queries + " paths of " + path);
    }
}
