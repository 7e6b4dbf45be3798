package dev.lathe.model.decoder;

import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.KvPage;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Attention of a block of queries that share one head of keys and values; one worker's scratch memory.
 *
 * <p>For each query: scores of all its positions, softmax over them in the order of its text, weighted values in the
 * same order. In a tree the scores of the row's ancestors are first moved together after those of the committed
 * text, so that softmax and sums meet the same numbers in the same order as if the path were plain text: the same bits.
 */
final class QueryBlock {
    private static final int TILE = PageShape.TILE;
    private static final int TOGETHER = 4; // rows' heads, where not all see the same positions

    private final Kernels kernels;
    private float[] queries = {}; // [block x keySize]
    private float[] scores = {}; // [block x stride], from position `base` on
    private float[] outputs = {}; // [block x valueSize]
    private float[] scratch = {}; // one widened tile
    private float[] extended = {}; // the scores of one query and what joins them
    private int[] start = {}; // [block] first visible position
    private int[] end = {}; // [block] end of the visible positions that are slots too
    private int[] ranges = {}; // [block x 2] where the scores of a query begin, and how many there are
    private int[] heads = {}; // [block] heads of the queries
    private int[] next = {}; // [block] position of the next ancestor in the tree to be added
    private int base;
    private int stride;
    private float[] values = {}; // the tile of values in use
    private int slotZero; // where slot 0 would lie in it
    private int valueSize;

    QueryBlock(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * Queries {@code [from, to)} of one key-value head, counted as row * groupSize + head in group.
     *
     * @param softening makes weights of scores
     * @param firstRow the text's first row in the matrices
     * @param query [rows x headCount * keySize], scaled
     * @param output [rows x headCount * valueSize]
     */
    void run(
            LayerConfig layer,
            AttentionScores softening,
            KvCache cache,
            TextRows rows,
            int firstRow,
            int head,
            int from,
            int to,
            FloatMatrix query,
            FloatMatrix output) {
        int group = layer.groupSize();
        int count = to - from;
        reserve(layer, count);
        gather(layer, rows, firstRow, head, from, count, query);
        int firstTile = base / TILE;
        int lastSlot = rows.slot((to - 1) / group);
        int lastTile = (rows.isChain() ? Math.max(lastSlot, end[count - 1] - 1) : lastSlot) / TILE;
        stride = (lastTile - firstTile + 1) * TILE;
        if (scores.length < count * stride) {
            scores = new float[Math.multiplyExact(count, stride + stride / 2)];
        }
        for (int tile = firstTile, next; tile <= lastTile; tile = next) {
            next = Math.min(lastTile + 1, nextPage(cache, tile));
            score(cache, head, tile, next, count, pageUpTo(cache, next, lastTile));
        }
        for (int q = 0; q < count; q++) {
            heads[q] = head * group + (from + q) % group;
            prepare(softening, rows, q, (from + q) / group);
        }
        softening.soften(scores, ranges, heads, count, extended);
        Arrays.fill(outputs, 0, count * layer.valueSize(), 0f);
        for (int tile = firstTile, next; tile <= lastTile; tile = next) {
            next = Math.min(lastTile + 1, nextPage(cache, tile));
            if (!addTiles(cache, head, tile, next, count, pageUpTo(cache, next, lastTile))) {
                next = tile + 1;
                accumulate(cache, rows, head, tile, from, count, group);
            }
        }
        for (int q = 0; q < count; q++) {
            int target = output.offset(firstRow + (from + q) / group)
                    + (head * group + (from + q) % group) * layer.valueSize();
            System.arraycopy(outputs, q * layer.valueSize(), output.data(), target, layer.valueSize());
        }
    }

    /** Copies the queries together and finds which positions each of them sees. */
    private void gather(
            LayerConfig layer, TextRows rows, int firstRow, int head, int from, int count, FloatMatrix query) {
        int group = layer.groupSize();
        int size = layer.keySize();
        int firstSlot = Integer.MAX_VALUE;
        for (int q = 0; q < count; q++) {
            int row = (from + q) / group;
            int source = query.offset(firstRow + row) + (head * group + (from + q) % group) * size;
            System.arraycopy(query.data(), source, queries, q * size, size);
            int position = rows.position(row);
            int window = layer.slidingWindow();
            if (layer.attention().causal()) {
                start[q] = layer.attention().firstSeen(position);
                end[q] = rows.isChain() ? position + 1 : rows.committed();
            } else {
                start[q] = window == 0 ? 0 : Math.max(0, position - window / 2);
                end[q] = window == 0 ? rows.length() : Math.min(rows.length(), position + window / 2 + 1);
            }
            next[q] = Math.max(rows.committed(), start[q]);
            firstSlot = Math.min(firstSlot, Math.min(start[q], end[q]));
        }
        base = firstSlot / TILE * TILE;
    }

    /** Makes the scores of a query's path ready for softmax, moved together first where it runs through a tree. */
    private void prepare(AttentionScores softening, TextRows rows, int query, int row) {
        int position = rows.position(row);
        int visible = rows.isChain() ? end[query] : position + 1;
        if (!rows.isChain()) {
            for (int ancestor = rows.committed(); ancestor < visible; ancestor++) {
                scores[index(query, ancestor)] = scores[index(query, rows.pathSlot(row, ancestor - rows.committed()))];
            }
        }
        int count = visible - start[query];
        if (extended.length < softening.scratchSize(count)) {
            extended = new float[softening.scratchSize(count + count / 2)];
        }
        ranges[2 * query] = index(query, start[query]);
        ranges[2 * query + 1] = count;
        softening.prepare(scores, ranges[2 * query], count, position - start[query], heads[query]);
    }

    private void reserve(LayerConfig layer, int count) {
        int tileSize = PageShape.tileSize(layer);
        if (start.length < count) {
            start = new int[count];
            end = new int[count];
            next = new int[count];
            ranges = new int[2 * count];
            heads = new int[count];
        }
        if (queries.length < count * layer.keySize()) {
            queries = new float[count * layer.keySize()];
        }
        if (outputs.length < count * layer.valueSize()) {
            outputs = new float[count * layer.valueSize()];
        }
        if (scratch.length < tileSize) {
            scratch = new float[tileSize];
        }
    }

    private int index(int query, int position) {
        return query * stride + position - base;
    }

    /** The first tile of the page after that of a tile. */
    private static int nextPage(KvCache cache, int tile) {
        int tiles = cache.shape().positions() / TILE;
        return tile / tiles * tiles + tiles;
    }

    /** The page of a tile; null after the last one. */
    private static KvPage pageUpTo(KvCache cache, int tile, int lastTile) {
        return tile <= lastTile ? cache.pageOf(tile * TILE) : null;
    }

    /**
     * Scores with the tiles from one to another, all of one page; {@code next} is the page after it, if there is one.
     */
    private void score(KvCache cache, int head, int fromTile, int toTile, int count, KvPage next) {
        KvPage page = cache.pageOf(fromTile * TILE);
        int inPage = fromTile * TILE % page.shape().positions();
        int to = fromTile * TILE - base;
        int tiles = toTile - fromTile;
        page.scores(kernels.attention(), head, inPage, tiles, queries, count, scratch, scores, to, stride, next);
    }

    /** Adds the values of all these tiles of a page at once where all queries see them and the page can; tells whether. */
    private boolean addTiles(KvCache cache, int head, int fromTile, int toTile, int count, KvPage next) {
        int position = fromTile * TILE;
        KvPage page = cache.pageOf(position);
        if (!page.addsTiles(kernels.attention()) || !seeAll(position, toTile * TILE, count)) {
            return false;
        }
        int inPage = position % page.shape().positions();
        int positions = (toTile - fromTile) * TILE;
        page.addTiles(
                kernels.attention(), head, inPage, positions, scores, position - base, stride, count, outputs, next);
        return true;
    }

    /** Adds a tile's values: neighbouring queries together where all of them see the positions, else one by one. */
    private void accumulate(KvCache cache, TextRows rows, int head, int tile, int from, int count, int group) {
        int tileStart = tile * TILE;
        int tileEnd = tileStart + TILE;
        KvPage page = cache.pageOf(tileStart);
        int inPage = tileStart % page.shape().positions();
        values = page.valueTile(head, inPage, scratch);
        valueSize = page.shape().valueSize();
        slotZero = page.valueTileOffset(head, inPage) - tileStart * valueSize;
        boolean all = seeAll(tileStart, tileEnd, count);
        int together = Math.max(1, TOGETHER / group) * group;
        for (int first = 0, last; first < count; first = last) {
            int ofRow = (from + first) % group;
            last = all ? count : Math.min(count, first + together - ofRow); // the heads of whole rows
            int commonStart = tileStart;
            int commonEnd = tileEnd;
            for (int q = first; q < last; q++) {
                commonStart = Math.max(commonStart, start[q]);
                commonEnd = Math.min(commonEnd, end[q]);
            }
            commonEnd = Math.max(commonStart, commonEnd);
            for (int q = first; q < last; q++) {
                int lower = Math.max(start[q], tileStart);
                add(q, 1, lower, lower, Math.min(Math.min(end[q], commonStart), tileEnd));
            }
            add(first, last - first, commonStart, commonStart, commonEnd);
            for (int q = first; q < last; q++) {
                add(q, 1, commonEnd, commonEnd, Math.min(end[q], tileEnd));
            }
            for (int q = first; q < last && !rows.isChain(); q++) {
                addPath(rows, q, (from + q) / group, tileEnd);
            }
        }
    }

    /** Whether all queries see all positions from one to another. */
    private boolean seeAll(int from, int to, int count) {
        for (int q = 0; q < count; q++) {
            if (start[q] > from || end[q] < to) {
                return false;
            }
        }
        return true;
    }

    /**
     * Adds those ancestors of a row of a tree that lie in the tile, neighbouring slots together: slots ascend along a path,
     * so over all tiles each is met once.
     */
    private void addPath(TextRows rows, int query, int row, int tileEnd) {
        int last = rows.position(row);
        int first = next[query]; // of the positions that are not added yet
        int from = -1; // its slot
        int to = -1;
        int position = first;
        for (; position <= last; position++) {
            int slot = rows.pathSlot(row, position - rows.committed());
            if (slot >= tileEnd) {
                break;
            }
            if (slot != to) {
                add(query, 1, first, from, to);
                first = position;
                from = slot;
            }
            to = slot + 1;
        }
        add(query, 1, first, from, to);
        next[query] = position;
    }

    /** Adds the values of slots [from, to), weighted from {@code position} on, to so many queries. */
    private void add(int query, int count, int position, int from, int to) {
        if (from < to) {
            kernels.attention()
                    .accumulate(
                            scores,
                            index(query, position),
                            stride,
                            count,
                            values,
                            slotZero + from * valueSize,
                            to - from,
                            valueSize,
                            outputs,
                            query * valueSize,
                            valueSize);
        }
    }
}
