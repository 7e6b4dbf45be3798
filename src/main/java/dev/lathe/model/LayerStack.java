package dev.lathe.model;

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

    /** Starts a pass with a residual stream that some layers have worked on already. */
    FloatMatrix resume(Pass pass, float[] source, int offset) {
        FloatMatrix hidden = buffers.newHidden(pass.rows(), model.config().hiddenSize()); // [rows x hidden]
        System.arraycopy(source, offset, hidden.data(), 0, hidden.rows() * hidden.columns());
        buffers.rotateTo(pass);
        return hidden;
    }

    /** Layers [from, to); returns the residual stream behind them. */
    FloatMatrix run(Pass pass, int from, int to) {
        for (int layer = from; layer < to; layer++) {
            model.runLayer(layer, pass, caches.get(layer), buffers);
        }
        return buffers.hidden(pass.rows());
    }

    /** All layers from this one on but some parts. */
    void runWithout(SkippedParts skipped, Pass pass, int from) {
        for (int layer = from; layer < caches.size(); layer++) {
            model.runLayer(layer, skipped, pass, caches.get(layer), buffers);
        }
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
