package dev.lathe.model.decoder;

import dev.lathe.model.TokenBatch;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageSender;
import java.util.List;

/**
 * Rows of one text that go through the layers together: all of a batch, or a piece of a long one.
 *
 * <p>Row r is row {@code firstRow + r} of the batch and lies in the text's caches at slot {@code committed + firstRow +
 * r}. In a chain the slot is also its position in the text; in a tree the position is the depth.
 */
class TextRows {
    private final TokenBatch batch;
    private final List<KvCache> caches;
    private final int committed;
    private final int firstRow;
    private final int rows;
    private final int[][] paths; // [batch rows][depth + 1] rows from the root down to each new row; null for a chain

    private final int secondText; // the row of the batch where another text begins
    private final PageSender sender; // of the text's keys and values, or null

    /** The same rows. */
    TextRows(TextRows rows) {
        this(
                rows.batch,
                rows.caches,
                rows.committed,
                rows.firstRow,
                rows.rows,
                rows.paths,
                rows.secondText,
                rows.sender);
    }

    private TextRows(
            TokenBatch batch,
            List<KvCache> caches,
            int committed,
            int firstRow,
            int rows,
            int[][] paths,
            int secondText,
            PageSender sender) {
        this.batch = batch;
        this.caches = caches;
        this.committed = committed;
        this.firstRow = firstRow;
        this.rows = rows;
        this.paths = paths;
        this.secondText = secondText;
        this.sender = sender;
    }

    /**
     * The rows of a batch that no earlier pass evaluated.
     *
     * @param caches the text's keys and values, layer by layer; empty if no layer will run
     * @param committed positions held before the batch
     */
    static TextRows of(TokenBatch batch, List<KvCache> caches, int committed) {
        int first = batch.evaluatedRows();
        int[][] paths = batch.isChain() ? null : paths(batch);
        return new TextRows(batch, caches, committed, first, batch.size() - first, paths, Integer.MAX_VALUE, null);
    }

    private static int[][] paths(TokenBatch batch) {
        int[] depths = new int[batch.size()];
        int[][] paths = new int[batch.size()][];
        for (int row = 0; row < paths.length; row++) {
            int parent = batch.parent(row);
            depths[row] = parent == TokenBatch.ROOT ? 0 : depths[parent] + 1;
            if (row >= batch.evaluatedRows()) {
                paths[row] = new int[depths[row] + 1];
                for (int at = row; at != TokenBatch.ROOT; at = batch.parent(at)) {
                    paths[row][depths[at]] = at;
                }
            }
        }
        return paths;
    }

    /** These rows, with another text from a row of the batch on, as in pairs of texts. */
    TextRows withSecondText(int from) {
        return new TextRows(batch, caches, committed, firstRow, rows, paths, from, sender);
    }

    /** These rows with other keys and values, layer by layer. */
    TextRows withCaches(List<KvCache> others) {
        return new TextRows(batch, others, committed, firstRow, rows, paths, secondText, sender);
    }

    /** These rows, of whose keys and values a sender is told when a layer has computed them. */
    TextRows sentBy(PageSender other) {
        return new TextRows(batch, caches, committed, firstRow, rows, paths, secondText, other);
    }

    /** A layer has computed these rows. */
    void evaluated(int layer) {
        if (sender != null) {
            sender.evaluated(layer, slot(rows));
        }
    }

    /** Some of these rows. */
    TextRows piece(int from, int count) {
        return new TextRows(batch, caches, committed, firstRow + from, count, paths, secondText, sender);
    }

    KvCache cache(int layer) {
        return caches.get(layer);
    }

    int rows() {
        return rows;
    }

    int token(int row) {
        return batch.token(firstRow + row);
    }

    boolean logitsWanted(int row) {
        return batch.logitsWanted(firstRow + row);
    }

    boolean isChain() {
        return paths == null;
    }

    /** Positions held before the batch. */
    int committed() {
        return committed;
    }

    /** Where the row lies in the cache. */
    int slot(int row) {
        return committed + firstRow + row;
    }

    /** Positions of the text with the whole batch, of a chain. */
    int length() {
        return committed + batch.size();
    }

    /** The kind of the row's token, such as 1 in the second of two texts. */
    int tokenType(int row) {
        return firstRow + row < secondText ? 0 : 1;
    }

    /** The row's position in its text. */
    int position(int row) {
        return paths == null ? slot(row) : committed + paths[firstRow + row].length - 1;
    }

    /** Slots of the row and its ancestors in the batch, from position {@code committed} on: of a tree only. */
    int pathSlot(int row, int depth) {
        return committed + paths[firstRow + row][depth];
    }
}
