package dev.lathe.model.decoder;

import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.StreamSizes;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ObjIntConsumer;

/**
 * The last rows of a state, each with its residual stream at its own depth: a chain, and after it perhaps a tree.
 * Depths never increase from row to row, so the rows that miss a layer are always the last ones.
 */
final class OpenRows {
    private final LayerStack layers;
    private final HeadRows head;
    private final StreamSizes sizes;
    private final int stride; // room of a row, whatever its depth
    private int[] tokens = {};
    private int[] parents = {}; // the open row before each row in its text, or ROOT
    private int[] depths = {};
    private float[] hidden = {}; // [rows x stride]
    private int firstPosition;
    private int count;
    private SkippedParts lastPreview;
    private int previewed; // rows whose keys and values beyond their depth are those of the last preview

    OpenRows(LayerStack layers, HeadRows head, StreamSizes sizes) {
        this.layers = layers;
        this.head = head;
        this.sizes = sizes;
        stride = sizes.largest();
    }

    int count() {
        return count;
    }

    int depth(int row) {
        return depths[Objects.checkIndex(row, count)];
    }

    /**
     * Adds the new rows of a batch at depth 0. If the batch was grown, its earlier rows are the last ones here; if not,
     * complete rows are forgotten first.
     *
     * @param position where the first new row will lie
     */
    void append(TokenBatch batch, int position) {
        if (batch.evaluatedRows() == 0) {
            dropFirst(firstWithin(layers.size() - 1));
        }
        firstPosition = position - count;
        int from = count;
        int first = count - batch.evaluatedRows(); // the batch's row 0
        reserve(first + batch.size());
        for (int row = batch.evaluatedRows(); row < batch.size(); row++) {
            tokens[count] = batch.token(row);
            parents[count++] = first + batch.parent(row);
        }
        forEachPass(from, count, (pass, row) -> store(row, layers.embed(pass), 0));
    }

    /** Runs layers until every row has so many. */
    void deepen(int depth) {
        while (lastDepth() < depth) {
            int layer = lastDepth();
            int from = firstWithin(layer);
            int next = from == 0 ? depth : Math.min(depth, depths[from - 1]); // where the rows before join
            forEachPass(from, count, (pass, row) -> {
                layers.resume(pass, layer, hidden, row * stride, stride);
                store(row, layers.run(pass, layer, next), next);
            });
        }
    }

    /** Logits [rows wanted x vocabulary] without some parts in the rows that are not complete. */
    FloatMatrix preview(SkippedParts skipped, int... wanted) {
        int first = firstWithin(layers.size() - 1);
        int depth = skipped.firstLayer();
        if (first < count && depths[first] > depth) {
            throw new IllegalStateException("a preview without a part of layer " + depth
                    + " needs open rows of at most that depth, the depths are " + Arrays.toString(depths()));
        }
        deepen(depth);
        int from = skipped.equals(lastPreview) ? Math.max(previewed, first) : first;
        for (int row : wanted) {
            if (row < first || row >= count) {
                throw new IllegalStateException(
                        "no preview of row " + row + ": rows " + first + " to " + (count - 1) + " are open");
            }
            from = Math.min(from, row);
        }
        head.reserve(wanted.length);
        forEachPass(from, count, (pass, row) -> {
            layers.resume(pass, depth, hidden, row * stride, stride);
            FloatMatrix stream = layers.runWithout(skipped, pass, depth);
            for (int i = 0; i < wanted.length; i++) {
                if (wanted[i] >= row && wanted[i] < row + pass.rows()) {
                    head.set(i, stream, wanted[i] - row);
                }
            }
        });
        previewed = count;
        lastPreview = skipped;
        return head.logits();
    }

    /** Writes keys and values of all missing layers from the rows as they are, and forgets the rows. */
    void propagate() {
        for (int to = count, from; to > 0; to = from) {
            int depth = depths[to - 1];
            from = firstWithin(depth);
            forEachPass(from, to, (pass, row) -> {
                layers.resume(pass, depth, hidden, row * stride, stride);
                layers.fillCaches(pass, depth);
            });
        }
        truncate(0);
    }

    /** A copy of a row's residual stream. */
    float[] hidden(int row) {
        int offset = Objects.checkIndex(row, count) * stride;
        return Arrays.copyOfRange(hidden, offset, offset + sizes.atDepth(depths[row]));
    }

    /** Logits of rows at their depths. */
    FloatMatrix logits(int... rows) {
        head.reserve(rows.length);
        layers.reserveBuffers(1);
        for (int i = 0; i < rows.length; i++) {
            int row = Objects.checkIndex(rows[i], count);
            head.set(i, layers.leave(depths[row], hidden, row * stride), 0);
        }
        return head.logits();
    }

    /** Of the last {@code batchRows} rows keeps only a path, moved together. */
    void keep(int batchRows, int... path) {
        int first = count - batchRows;
        for (int depth = 0; depth < path.length; depth++) {
            int source = first + path[depth];
            int target = first + depth;
            tokens[target] = tokens[source];
            parents[target] = target - 1;
            depths[target] = depths[source];
            System.arraycopy(hidden, source * stride, hidden, target * stride, stride);
        }
        truncate(first + path.length);
        previewed = Math.min(previewed, first);
    }

    /** Forgets the rows from this one on. */
    void truncate(int rows) {
        count = Math.min(count, rows);
        previewed = Math.min(previewed, count);
    }

    private void dropFirst(int rows) {
        System.arraycopy(tokens, rows, tokens, 0, count - rows);
        System.arraycopy(depths, rows, depths, 0, count - rows);
        System.arraycopy(hidden, rows * stride, hidden, 0, (count - rows) * stride);
        Arrays.setAll(parents, row -> row - 1); // a chain: of a tree one path was kept
        count -= rows;
        previewed = Math.max(0, previewed - rows);
    }

    private void reserve(int rows) {
        if (rows > tokens.length) {
            int room = Math.max(rows, tokens.length + tokens.length / 2);
            hidden = Arrays.copyOf(hidden, Math.multiplyExact(room, stride));
            tokens = Arrays.copyOf(tokens, room);
            parents = Arrays.copyOf(parents, room);
            depths = Arrays.copyOf(depths, room);
        }
    }

    private void store(int row, FloatMatrix stream, int depth) {
        for (int i = 0; i < stream.rows(); i++) {
            System.arraycopy(stream.data(), stream.offset(i), hidden, (row + i) * stride, stream.columns());
        }
        Arrays.fill(depths, row, row + stream.rows(), depth);
    }

    private int[] depths() {
        return Arrays.copyOf(depths, count);
    }

    private int lastDepth() {
        return count == 0 ? layers.size() : depths[count - 1];
    }

    /** The first row of at most this depth; none after it is deeper. */
    private int firstWithin(int depth) {
        int row = 0;
        while (row < count && depths[row] > depth) {
            row++;
        }
        return row;
    }

    /** Cuts rows [from, to) into passes; each comes with its first row. */
    private void forEachPass(int from, int to, ObjIntConsumer<Pass> action) {
        layers.reserve(firstPosition + from, firstPosition + to);
        TokenBatch batch = TokenBatch.tree(Arrays.copyOf(tokens, count), Arrays.copyOf(parents, count));
        TextRows all = layers.rows(batch, firstPosition);
        for (int row = from; row < to; row += Pass.MOST_ROWS) {
            action.accept(Pass.of(all.piece(row, Math.min(Pass.MOST_ROWS, to - row))), row);
        }
    }
}
