package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** A model's layers with the keys and values of one text, and the buffers that passes go through. */
final class LayerStack {
    /** Rows that go through the layers together: enough to reuse each weight, few enough to stay in the cache. */
    static final int MAX_PASS_ROWS = 512;

    private final DecoderModel model;
    private List<KvCache> caches; // one a layer
    private DecoderBuffers buffers;

    LayerStack(DecoderModel model, int capacity, CacheType cacheType) {
        this.model = model;
        caches = new ArrayList<>();
        for (LayerConfig layer : model.config().layers()) {
            caches.add(KvCache.of(layer, capacity, cacheType, model.kernels().cache()));
        }
    }

    int size() {
        return caches.size();
    }

    /** Everything that passes of so many rows allocate, up to this length of the text. */
    void reserve(int batchRows, int positions) {
        int rows = Math.min(MAX_PASS_ROWS, batchRows);
        if (buffers == null || buffers.capacityRows() < rows) {
            buffers = model.newBuffers(rows);
        }
        for (KvCache cache : caches) {
            cache.reserve(positions);
        }
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

    /** Layers [from, to); returns the residual stream behind them. */
    FloatMatrix run(Pass pass, int from, int to) {
        for (int layer = from; layer < to; layer++) {
            model.runLayer(layer, pass, caches.get(layer), buffers);
        }
        return buffers.hidden(pass.rows());
    }

    /** All layers from this one on but some parts; returns the residual stream behind them. */
    FloatMatrix runWithout(SkippedParts skipped, Pass pass, int from) {
        for (int layer = from; layer < caches.size(); layer++) {
            model.runLayer(layer, skipped, pass, caches.get(layer), buffers);
        }
        return buffers.hidden(pass.rows());
    }

    /** Keys and values of all layers from this one on, of the residual stream as it is. */
    void fillCaches(Pass pass, int from) {
        for (int layer = from; layer < caches.size(); layer++) {
            model.fillCache(layer, pass, caches.get(layer), buffers);
        }
    }

    /** Copies one position's keys and values over another's. */
    void move(int from, int to) {
        for (KvCache cache : caches) {
            cache.move(from, to);
        }
    }

    /** Copies of the keys and values of the first positions. */
    List<KvCache> copyCaches(int length) {
        return caches.stream().map(cache -> cache.copy(length)).toList();
    }

    /** Takes ownership of these keys and values in place of its own. */
    void replaceCaches(List<KvCache> others) {
        caches = others;
    }
}
