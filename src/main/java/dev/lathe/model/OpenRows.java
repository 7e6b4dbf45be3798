package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ObjIntConsumer;

/**
 * The last rows of a state, each with its residual stream at its own depth. Depths never increase from row to row, so the
 * rows that miss a layer are always the last ones.
 */
final class OpenRows {
    private final LayerStack layers;
    private final HeadRows head;
    private final int hiddenSize;
    private int[] tokens = {};
    private int[] depths = {};
    private float[] hidden = {}; // [rows x hidden]
    private int firstPosition;
    private int count;
    private SkippedParts lastPreview;
    private int previewed; // rows whose keys and values beyond their depth are those of the last preview

    OpenRows(LayerStack layers, HeadRows head, int hiddenSize) {
        this.layers = layers;
        this.head = head;
        this.hiddenSize = hiddenSize;
    }

    int count() {
        return count;
    }

    int depth(int row) {
        return depths[Objects.checkIndex(row, count)];
    }

    /** Adds rows at depth 0 behind those that are not complete, and forgets the complete ones. */
    void append(TokenBatch batch, int position) {
        int complete = firstWithin(layers.size() - 1);
        dropFirst(complete);
        firstPosition = position - count;
        reserve(count + batch.size());
        int from = count;
        for (int row = 0; row < batch.size(); row++) {
            tokens[count++] = batch.token(row);
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
                FloatMatrix stream = layers.resume(pass, hidden, row * hiddenSize);
                layers.run(pass, layer, next);
                store(row, stream, next);
            });
            previewed = Math.min(previewed, from);
        }
    }

    /** Logits of the last row [1 x vocabulary] without some parts in the rows that are not complete. */
    FloatMatrix preview(SkippedParts skipped) {
        int first = firstWithin(layers.size() - 1);
        int depth = skipped.firstLayer();
        if (first == count || depths[first] > depth) {
            throw new IllegalStateException("preview without a part of layer " + depth
                    + " needs open rows of at most that depth: the depths are " + Arrays.toString(depths()));
        }
        deepen(depth);
        int known = skipped.equals(lastPreview) ? previewed : 0;
        int from = Math.clamp(known, first, count - 1);
        head.reserve(1);
        forEachPass(from, count, (pass, row) -> {
            FloatMatrix stream = layers.resume(pass, hidden, row * hiddenSize);
            layers.runWithout(skipped, pass, depth);
            if (row + pass.rows() == count) {
                head.add(stream, pass.rows() - 1);
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
                layers.resume(pass, hidden, row * hiddenSize);
                layers.fillCaches(pass, depth);
            });
        }
        truncate(0);
    }

    /** A copy of the last rows' residual stream. */
    FloatMatrix hidden(int rows) {
        int first = Objects.checkFromIndexSize(count - rows, rows, count);
        float[] copy = Arrays.copyOfRange(hidden, first * hiddenSize, count * hiddenSize);
        return new FloatMatrix(copy, rows, hiddenSize);
    }

    /** Logits of the last rows at their depths. */
    FloatMatrix logits(int rows) {
        int first = Objects.checkFromIndexSize(count - rows, rows, count);
        head.reserve(rows);
        FloatMatrix streams = new FloatMatrix(hidden, count, hiddenSize);
        for (int row = first; row < count; row++) {
            head.add(streams, row);
        }
        return head.logits();
    }

    /** Forgets the rows from this one on. */
    void truncate(int rows) {
        count = Math.min(count, rows);
        previewed = Math.min(previewed, count);
    }

    private void dropFirst(int rows) {
        System.arraycopy(tokens, rows, tokens, 0, count - rows);
        System.arraycopy(depths, rows, depths, 0, count - rows);
        System.arraycopy(hidden, rows * hiddenSize, hidden, 0, (count - rows) * hiddenSize);
        count -= rows;
        previewed = Math.max(0, previewed - rows);
    }

    private void reserve(int rows) {
        if (rows > tokens.length) {
            int room = Math.max(rows, tokens.length + tokens.length / 2);
            hidden = Arrays.copyOf(hidden, Math.multiplyExact(room, hiddenSize));
            tokens = Arrays.copyOf(tokens, room);
            depths = Arrays.copyOf(depths, room);
        }
    }

    private void store(int row, FloatMatrix stream, int depth) {
        System.arraycopy(stream.data(), 0, hidden, row * hiddenSize, stream.rows() * hiddenSize);
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
        layers.reserve(to - from, firstPosition + count);
        Pass all = Pass.of(TokenBatch.noLogits(Arrays.copyOf(tokens, count)), firstPosition);
        for (int row = from; row < to; row += LayerStack.MAX_PASS_ROWS) {
            action.accept(all.piece(row, Math.min(LayerStack.MAX_PASS_ROWS, to - row)), row);
        }
    }
}
