package dev.lathe.model.decoder;

import dev.lathe.model.cache.KvCache;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Grouped-query attention over the cache: causal, with a sliding window, or along the paths of a tree.
 *
 * <p>The queries of each key-value head are cut into blocks, which the workers take one after the other. How they are
 * cut does not change a bit. Vaswani et al., "Attention Is All You Need", 2017, section 3.2; Ainslie et al., "GQA",
 * 2023.
 */
final class GroupedQueryAttention {
    private static final int BLOCK_QUERIES = 36; // a multiple of the rows that kernels take at once: 4, 6, 12
    private static final long PARALLEL_PRODUCTS = 1 << 16;

    private final Workers workers;
    private final QueryBlock[] blocks; // one a worker

    GroupedQueryAttention(Workers workers, Kernels kernels) {
        this.workers = workers;
        blocks = new QueryBlock[workers.count()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new QueryBlock(kernels);
        }
    }

    /**
     * Attends from every row of the pass, whose keys and values are in the caches already.
     *
     * @param scores makes weights of scores
     * @param query [rows x headCount * keySize], rotated
     * @param output [rows x headCount * valueSize]
     */
    void run(
            LayerConfig layer,
            AttentionScores scores,
            int layerIndex,
            Pass pass,
            FloatMatrix query,
            FloatMatrix output) {
        int heads = layer.keyValueHeadCount();
        int blockSize = Math.min(BLOCK_QUERIES, (pass.rows() * layer.groupSize() * heads - 1) / workers.count() + 1);
        int[] firstUnit = new int[pass.textCount() + 1];
        long products = 0;
        for (int text = 0; text < pass.textCount(); text++) {
            TextRows rows = pass.text(text);
            int queries = rows.rows() * layer.groupSize(); // of each key-value head
            firstUnit[text + 1] = firstUnit[text] + heads * ((queries - 1) / blockSize + 1);
            products += (long) queries * heads * rows.slot(rows.rows()) * (layer.keySize() + layer.valueSize());
        }
        int units = firstUnit[pass.textCount()];
        int threads = products < PARALLEL_PRODUCTS ? 1 : Math.min(workers.count(), units);
        AtomicInteger next = new AtomicInteger();
        Workers.PartTask task = worker -> {
            int text = 0;
            for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
                while (unit >= firstUnit[text + 1]) {
                    text++;
                }
                TextRows rows = pass.text(text);
                int blocksOfHead = (firstUnit[text + 1] - firstUnit[text]) / heads;
                int ofText = unit - firstUnit[text];
                int from = (blocksOfHead - 1 - ofText / heads) * blockSize; // the last rows see most: they go first
                int to = Math.min(rows.rows() * layer.groupSize(), from + blockSize);
                KvCache cache = rows.cache(layerIndex);
                int firstRow = pass.firstRow(text);
                blocks[worker].run(layer, scores, cache, rows, firstRow, ofText % heads, from, to, query, output);
            }
        };
        if (threads == 1) {
            task.run(0);
        } else {
            workers.run(threads, task);
        }
    }
}
