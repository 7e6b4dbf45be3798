package dev.lathe.model.decoder;

import dev.lathe.model.CacheType;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageChannel;
import dev.lathe.model.cache.PageSender;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;

/**
 * A model's layers with the keys and values of one text. What passes work in is lent by the model from {@link #reserve}
 * to {@link #release}.
 */
final class LayerStack {
    private final DecoderModel model;
    private final CacheType cacheType;
    private List<KvCache> caches; // one a layer
    private DecoderBuffers buffers; // or null
    private PageSender sender; // the last one, or null

    LayerStack(DecoderModel model, int capacity, CacheType cacheType) {
        this.model = model;
        this.cacheType = cacheType;
        caches = new ArrayList<>();
        for (LayerConfig layer : model.config().layers()) {
            caches.add(KvCache.of(layer, capacity, model.pages(cacheType)));
        }
    }

    int size() {
        return caches.size();
    }

    /** Everything that passes over positions {@code [from, to)} need. */
    void reserve(int from, int to) {
        reservePositions(from, to);
        reserveBuffers(Math.min(Pass.MOST_ROWS, to - from));
    }

    /** Makes positions {@code [from, to)} ready to be written. */
    void reservePositions(int from, int to) {
        caches.forEach(cache -> cache.reserve(from, to));
    }

    /** What passes of so many rows work in. */
    void reserveBuffers(int rows) {
        if (buffers == null || buffers.capacityRows() < rows) {
            release();
            buffers = model.borrowBuffers(rows);
        }
    }

    /** Frees the memory of positions after the first ones, and what passes worked in. */
    void trim(int length) {
        caches.forEach(cache -> cache.trim(length));
        buffers = null;
    }

    /** Nothing more is written to reserved positions. */
    void settle() {
        caches.forEach(KvCache::settle);
    }

    /** Frees all keys and values. */
    void close() {
        caches.forEach(cache -> cache.trim(0));
    }

    /** Gives back what passes worked in; the residual stream is lost. */
    void release() {
        if (buffers != null) {
            model.returnBuffers(buffers);
            buffers = null;
        }
    }

    /** The new rows of a batch after so many positions. */
    TextRows rows(TokenBatch batch, int committed) {
        TextRows rows = TextRows.of(batch, caches, committed);
        return sender == null || sender.hasEnded() ? rows : rows.sentBy(sender);
    }

    /** Starts a pass with its tokens' embeddings; returns its residual stream, in which the layers work. */
    FloatMatrix embed(Pass pass) {
        model.embed(pass, buffers);
        return buffers.hidden(pass.rows());
    }

    /**
     * Starts a pass with a residual stream that some layers have worked on already.
     *
     * @param depth how many layers
     * @param stride from row to row of the source
     */
    void resume(Pass pass, int depth, float[] source, int offset, int stride) {
        load(pass.rows(), depth, source, offset, stride);
        buffers.rotateTo(pass);
    }

    private void load(int rows, int depth, float[] source, int offset, int stride) {
        FloatMatrix hidden =
                buffers.newHidden(rows, model.config().streamSizes().atDepth(depth)); // [rows x hidden]
        for (int row = 0; row < rows; row++) {
            System.arraycopy(source, offset + row * stride, hidden.data(), hidden.offset(row), hidden.columns());
        }
    }

    /** A row's residual stream as the final norm would read it if the layers from this depth on added nothing. */
    FloatMatrix leave(int depth, float[] source, int offset) {
        load(1, depth, source, offset, 0);
        for (int layer = depth; layer < caches.size(); layer++) {
            model.skipLayer(layer, 1, buffers);
        }
        return buffers.hidden(1);
    }

    /** Layers [from, to); returns the residual stream after them. */
    FloatMatrix run(Pass pass, int from, int to) {
        for (int layer = from; layer < to; layer++) {
            model.runLayer(layer, pass, buffers);
        }
        return buffers.hidden(pass.rows());
    }

    /**
     * All layers; returns the residual stream after them.
     *
     * @param stop asked before each layer
     * @throws CancellationException if it says so
     */
    FloatMatrix runUnless(BooleanSupplier stop, Pass pass) {
        for (int layer = 0; layer < caches.size(); layer++) {
            if (stop.getAsBoolean()) {
                throw new CancellationException("the pass was stopped before layer " + layer);
            }
            model.runLayer(layer, pass, buffers);
            pass.evaluated(layer);
        }
        return buffers.hidden(pass.rows());
    }

    /** All layers from this one on but some parts; returns the residual stream after them. */
    FloatMatrix runWithout(SkippedParts skipped, Pass pass, int from) {
        for (int layer = from; layer < caches.size(); layer++) {
            model.runLayer(layer, skipped, pass, buffers);
        }
        return buffers.hidden(pass.rows());
    }

    /** Keys and values of all layers from this one on, of the residual stream as it is. */
    void fillCaches(Pass pass, int from) {
        for (int layer = from; layer < caches.size(); layer++) {
            model.fillCache(layer, pass, buffers);
        }
    }

    /** Copies one position's keys and values over another's. */
    void move(int from, int to) {
        for (KvCache cache : caches) {
            cache.move(from, to);
        }
    }

    /**
     * Begins to send keys and values.
     *
     * @param length positions held now
     * @param finalLength positions held at the end
     */
    PageSender send(WritableByteChannel target, int length, int finalLength) throws IOException {
        PageChannel channel = PageChannel.of(target);
        SavedState.writeHeaders(channel, finalLength, caches, cacheType);
        sender = new PageSender(() -> caches, length, channel);
        return sender;
    }

    /** The keys and values of the first positions, shared until they are written to. */
    List<KvCache> shareCaches(int length) {
        return caches.stream().map(cache -> cache.share(length)).toList();
    }

    /** Takes ownership of these keys and values in place of its own. */
    void replaceCaches(List<KvCache> others) {
        caches = others;
    }

    /** Tells the pages of all layers and their bytes. */
    void pages(ObjLongConsumer<Object> told) {
        caches.forEach(cache -> cache.pages(told));
    }

    /** About the memory that keys and values of so many positions take. */
    long byteCount(int positions) {
        double bits = 0;
        for (KvCache cache : caches) {
            PageShape shape = cache.shape();
            bits += cacheType.bitsPerNumber() * shape.heads() * (shape.keySize() + shape.valueSize());
        }
        return (long) (bits / Byte.SIZE * positions);
    }
}
