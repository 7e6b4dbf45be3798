package dev.lathe.model;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The state of one text in a decoder: its caches and buffers. */
final class DecoderState implements InferenceState {
    /** Rows that go through the layers together: enough to reuse each weight, few enough to stay in the cache. */
    private static final int MAX_PASS_ROWS = 512;

    private final DecoderModel model;
    private final int capacity;
    private final CacheType cacheType;
    private List<KvCache> caches; // one a layer
    private DecoderBuffers buffers;
    private Activations headInput; // [wanted rows x hidden], normed
    private float[] logits = {}; // [wanted rows x vocabulary]
    private int length;
    private TokenBatch lastBatch; // the batch that `keep` chooses from, or null
    private boolean open = true;

    DecoderState(DecoderModel model, int capacity, CacheType cacheType) {
        this.model = model;
        this.capacity = capacity;
        this.cacheType = cacheType;
        caches = new ArrayList<>();
        for (LayerConfig layer : model.config().layers()) {
            caches.add(KvCache.of(layer, capacity, cacheType));
        }
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public FloatMatrix forward(TokenBatch batch) {
        requireOpen();
        requirePruned("forward");
        requireTokens(batch);
        if (batch.size() > capacity - length) {
            throw new ContextFullException(length, batch.size(), capacity);
        }
        reserve(batch);
        Pass whole = Pass.of(batch, length);
        int wanted = 0;
        for (int from = 0; from < batch.size(); from += MAX_PASS_ROWS) {
            Pass pass = whole.piece(from, Math.min(MAX_PASS_ROWS, batch.size() - from));
            model.embed(pass, buffers);
            for (int layer = 0; layer < caches.size(); layer++) {
                model.runLayer(layer, pass, caches.get(layer), buffers);
            }
            wanted = collectWanted(pass, wanted);
        }
        FloatMatrix result = new FloatMatrix(logits, wanted, model.vocabularySize());
        if (wanted > 0) {
            headInput.set(wanted);
            model.logits(headInput, result);
        }
        length += batch.size();
        lastBatch = batch;
        return result;
    }

    /** Norms the rows whose logits are wanted into the head's input. */
    private int collectWanted(Pass pass, int wanted) {
        FloatMatrix hidden = buffers.hidden(pass.rows());
        int next = wanted;
        for (int row = 0; row < pass.rows(); row++) {
            if (pass.logitsWanted(row)) {
                model.norm(hidden, row, headInput.matrix(), next++);
            }
        }
        return next;
    }

    /** Everything that a pass allocates, before anything changes. */
    private void reserve(TokenBatch batch) {
        int rows = Math.min(MAX_PASS_ROWS, batch.size());
        if (buffers == null || buffers.capacityRows() < rows) {
            buffers = model.newBuffers(rows);
        }
        int wanted = 0;
        for (int row = 0; row < batch.size(); row++) {
            wanted += batch.logitsWanted(row) ? 1 : 0;
        }
        if (headInput == null || headInput.matrix().rows() < wanted) {
            headInput = new Activations(
                    Math.max(1, wanted), model.config().streamSizes().last());
        }
        if (logits.length < (long) wanted * model.vocabularySize()) {
            logits = new float[Math.multiplyExact(wanted, model.vocabularySize())];
        }
        for (KvCache cache : caches) {
            cache.reserve(length + batch.size());
        }
    }

    private void requireTokens(TokenBatch batch) {
        for (int row = 0; row < batch.size(); row++) {
            int token = batch.token(row);
            if (token < 0 || token >= model.vocabularySize()) {
                throw new IllegalArgumentException("token " + token + " in row " + row + " is not in the vocabulary of "
                        + model.vocabularySize() + " tokens");
            }
        }
    }

    @Override
    public void rewind(int length) {
        requireOpen();
        if (length < 0 || length > this.length) {
            throw new IllegalArgumentException(
                    "cannot rewind to " + length + " positions: " + this.length + " are held");
        }
        if (isTree() && !isChainUpTo(length - committed())) {
            throw new IllegalArgumentException("cannot rewind to " + length
                    + " positions: the rows of the last tree before it are no path; keep one, or rewind to "
                    + committed());
        }
        this.length = length;
        lastBatch = null;
    }

    @Override
    public void keep(int... rows) {
        requireOpen();
        if (lastBatch == null) {
            throw new IllegalStateException("keep must follow a forward pass: there is no last batch to keep rows of");
        }
        requirePath(rows);
        int committed = committed();
        for (int depth = 0; depth < rows.length; depth++) {
            if (rows[depth] != depth) {
                for (KvCache cache : caches) {
                    cache.move(committed + rows[depth], committed + depth);
                }
            }
        }
        length = committed + rows.length;
        lastBatch = null;
    }

    private void requirePath(int[] rows) {
        int parent = TokenBatch.ROOT;
        for (int row : rows) {
            if (row < 0 || row >= lastBatch.size() || lastBatch.parent(row) != parent) {
                throw new IllegalArgumentException("rows " + Arrays.toString(rows)
                        + " are no path from the root of the last batch of " + lastBatch.size() + " rows: row " + row
                        + " does not follow " + (parent == TokenBatch.ROOT ? "the committed text" : "row " + parent));
            }
            parent = row;
        }
    }

    @Override
    public Snapshot snapshot() {
        requireOpen();
        requirePruned("snapshot");
        return new Saved(model, cacheType, length, copy(caches, length));
    }

    @Override
    public void restore(Snapshot snapshot) {
        requireOpen();
        if (!(snapshot instanceof Saved saved) || saved.model != model || saved.cacheType != cacheType) {
            throw new IllegalArgumentException(
                    "the snapshot was not taken of a state of this model with a cache of " + cacheType);
        }
        if (saved.length > capacity) {
            throw new IllegalArgumentException(
                    "the snapshot holds " + saved.length + " positions, this state at most " + capacity);
        }
        caches = copy(saved.caches, saved.length);
        length = saved.length;
        lastBatch = null;
    }

    private static List<KvCache> copy(List<KvCache> caches, int length) {
        return caches.stream().map(cache -> cache.copy(length)).toList();
    }

    @Override
    public void close() {
        open = false;
        caches = List.of();
        buffers = null;
        headInput = null;
        logits = new float[0];
        lastBatch = null;
    }

    /** Positions held before the last batch. */
    private int committed() {
        return length - lastBatch.size();
    }

    private boolean isTree() {
        return lastBatch != null && !lastBatch.isChain();
    }

    private boolean isChainUpTo(int rows) {
        for (int row = 0; row < rows; row++) {
            if (lastBatch.parent(row) != row - 1) {
                return false;
            }
        }
        return true;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the state is closed");
        }
        model.requireOpen();
    }

    private void requirePruned(String verb) {
        if (isTree()) {
            throw new IllegalStateException(
                    verb + " after a tree of " + lastBatch.size() + " rows: keep one of its paths, or rewind, first");
        }
    }

    /** A saved state. */
    private record Saved(DecoderModel model, CacheType cacheType, int length, List<KvCache> caches)
            implements Snapshot {
        @Override
        public long byteCount() {
            return caches.stream().mapToLong(KvCache::byteCount).sum();
        }
    }
}
