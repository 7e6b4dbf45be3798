package dev.lathe.model.decoder;

import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.StateTransfer;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/** The state of one text in a decoder: which positions are held, and the rules of what may follow what. */
final class DecoderState implements LayeredState {
    private final DecoderModel model;
    private final int capacity;
    private final CacheType cacheType;
    private LayerStack layers;
    private HeadRows head;
    private OpenRows openRows; // the last of the positions held
    private int length;
    private TokenBatch lastBatch; // the batch that `keep` chooses from, or null
    private boolean open = true;

    DecoderState(DecoderModel model, int capacity, CacheType cacheType) {
        this.model = model;
        this.capacity = capacity;
        this.cacheType = cacheType;
        layers = new LayerStack(model, capacity, cacheType);
        head = new HeadRows(model);
        openRows = new OpenRows(layers, head, model.config().streamSizes());
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
        return forward(batch, () -> false);
    }

    @Override
    public FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
        return forward(List.of(this), List.of(batch), stop);
    }

    /**
     * Evaluates a batch in each state, the rows of all of them together; logits in their order, held by the first
     * state.
     */
    static FloatMatrix forward(List<DecoderState> states, List<TokenBatch> batches, BooleanSupplier stop) {
        for (int i = 0; i < states.size(); i++) {
            states.get(i).check(batches.get(i));
        }
        DecoderState first = states.getFirst();
        return first.computing(states, batches, () -> {
            first.head.reserve(batches.stream().mapToInt(TokenBatch::newLogits).sum());
            List<TextRows> texts = new ArrayList<>();
            int rows = 0;
            for (int i = 0; i < states.size(); i++) {
                texts.add(states.get(i).begin(batches.get(i)));
                rows += texts.getLast().rows();
            }
            first.layers.reserveBuffers(Math.min(Pass.MOST_ROWS, rows));
            int next = 0;
            for (Pass pass : Pass.cut(texts)) {
                first.layers.embed(pass);
                FloatMatrix hidden = first.layers.runUnless(stop, pass);
                for (int row = 0; row < pass.rows(); row++) {
                    if (pass.logitsWanted(row)) {
                        first.head.set(next++, hidden, row);
                    }
                }
            }
            FloatMatrix logits = first.head.logits();
            for (int i = 0; i < states.size(); i++) {
                states.get(i).end(batches.get(i));
            }
            return logits;
        });
    }

    private void check(TokenBatch batch) {
        requireOpen();
        requireSuccessor(batch);
        requireTokens(batch);
        requireRoom(batch);
    }

    private TextRows begin(TokenBatch batch) {
        completeOpenRows();
        TextRows rows = layers.rows(batch, length - batch.evaluatedRows());
        layers.reservePositions(length, length + rows.rows());
        return rows;
    }

    private void end(TokenBatch batch) {
        length += batch.newRows();
        lastBatch = batch;
    }

    /** Does what needs memory: where there is too little, nothing is changed but what was open may be complete. */
    private <T> T computing(List<DecoderState> states, List<TokenBatch> batches, Supplier<T> work) {
        try {
            return model.whileOpen(work);
        } catch (OutOfMemoryError e) {
            long rows = 0;
            long logits = 0;
            long bytes = 0;
            for (int i = 0; i < states.size(); i++) {
                DecoderState state = states.get(i);
                int added = batches.isEmpty() ? 0 : batches.get(i).size();
                rows += added;
                logits += batches.isEmpty() ? 0 : batches.get(i).newLogits();
                bytes += state.layers.byteCount(state.length + added);
                state.layers.trim(state.length);
            }
            bytes += Math.min(Pass.MOST_ROWS, rows) * DecoderBuffers.bytesOfRow(model.config());
            bytes += logits * model.vocabularySize() * Float.BYTES;
            head.clear();
            throw InsufficientMemoryException.ofHeap(
                    "a pass of " + rows + " rows, " + logits + " of them with logits, after " + length + " positions",
                    bytes,
                    e);
        } catch (InsufficientMemoryException e) { // of the pages' limit
            states.forEach(state -> state.layers.trim(state.length));
            throw e;
        } finally {
            states.forEach(state -> state.layers.settle());
            layers.release();
        }
    }

    private <T> T computing(Supplier<T> work) {
        return computing(List.of(this), List.of(), work);
    }

    @Override
    public int layerCount() {
        return layers.size();
    }

    @Override
    public void append(TokenBatch batch) {
        requireOpen();
        requireSuccessor(batch);
        if (batch.evaluatedRows() > openRows.count()) {
            throw new IllegalArgumentException("a batch grown from rows that forward evaluated cannot be appended");
        }
        requireTokens(batch);
        requireRoom(batch);
        computing(() -> {
            openRows.append(batch, length);
            return openRows;
        });
        end(batch);
    }

    @Override
    public void deepen(int depth) {
        requireOpen();
        if (depth < 0 || depth > layerCount()) {
            throw new IllegalArgumentException("depth is " + depth + ": expected from 0 to " + layerCount());
        }
        deepenRows(depth);
    }

    private void deepenRows(int depth) {
        computing(() -> {
            openRows.deepen(depth);
            return openRows;
        });
    }

    @Override
    public int openRows() {
        return openRows.count();
    }

    @Override
    public int depth(int openRow) {
        return openRows.depth(openRow);
    }

    @Override
    public float[] hidden(int openRow) {
        requireOpen();
        return openRows.hidden(openRow);
    }

    @Override
    public FloatMatrix logits(int... openRows) {
        requireOpen();
        return computing(() -> this.openRows.logits(openRows));
    }

    @Override
    public FloatMatrix preview(SkippedParts skipped, int... openRows) {
        requireOpen();
        skipped.check(layerCount());
        return computing(() -> this.openRows.preview(skipped, openRows));
    }

    @Override
    public void propagate() {
        requireOpen();
        requirePruned("propagate");
        computing(() -> {
            openRows.propagate();
            return openRows;
        });
    }

    private void completeOpenRows() {
        if (openRows.count() > 0) {
            deepenRows(layerCount());
            openRows.truncate(0);
        }
    }

    private void requireRoom(TokenBatch batch) {
        if (batch.newRows() > capacity - length) {
            throw new ContextFullException(length, batch.newRows(), capacity);
        }
    }

    private void requireTokens(TokenBatch batch) {
        for (int row = batch.evaluatedRows(); row < batch.size(); row++) {
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
        openRows.truncate(Math.max(0, openRows.count() - (this.length - length)));
        this.length = length;
        lastBatch = null;
        if (model.hasPageLimit()) {
            layers.trim(length); // what is not held needs no room
        }
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
                layers.move(committed + rows[depth], committed + depth);
            }
        }
        if (openRows.count() > 0) {
            openRows.keep(lastBatch.size(), rows);
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
        completeOpenRows();
        return new SavedState(model, cacheType, length, layers.shareCaches(length));
    }

    @Override
    public InferenceState fork() {
        DecoderState fork = new DecoderState(model, capacity, cacheType);
        fork.restore(snapshot());
        return fork;
    }

    @Override
    public void restore(Snapshot snapshot) {
        requireOpen();
        if (!(snapshot instanceof SavedState saved) || saved.model() != model || saved.cacheType() != cacheType) {
            throw new IllegalArgumentException(
                    "the snapshot was not taken of a state of this model with a cache of " + cacheType);
        }
        if (saved.length() > capacity) {
            throw new IllegalArgumentException(
                    "the snapshot holds " + saved.length() + " positions, this state at most " + capacity);
        }
        openRows.truncate(0);
        layers.replaceCaches(saved.share());
        length = saved.length();
        lastBatch = null;
    }

    @Override
    public void read(ReadableByteChannel source) throws IOException {
        requireOpen();
        restore(SavedState.read(model, cacheType, capacity, source));
    }

    @Override
    public void pages(ObjLongConsumer<Object> told) {
        requireOpen();
        layers.pages(told);
    }

    @Override
    public StateTransfer send(WritableByteChannel target, int finalLength) throws IOException {
        requireOpen();
        requirePruned("send");
        completeOpenRows();
        return layers.send(target, length, finalLength);
    }

    @Override
    public void receive(ReadableByteChannel source) throws IOException {
        requireOpen();
        restore(SavedState.receive(model, cacheType, capacity, source));
    }

    DecoderModel model() {
        return model;
    }

    CacheType cacheType() {
        return cacheType;
    }

    @Override
    public void close() {
        if (open) {
            layers.close();
        }
        open = false;
        layers = null;
        head = null;
        openRows = null;
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

    private void requireSuccessor(TokenBatch batch) {
        if (batch.evaluatedRows() == 0) {
            requirePruned("a pass");
        } else if (lastBatch == null || !batch.isGrownFrom(lastBatch)) {
            throw new IllegalArgumentException("a batch grown by " + batch.newRows()
                    + " rows must follow the pass of the batch it was grown from");
        }
    }

    private void requirePruned(String verb) {
        if (isTree()) {
            throw new IllegalStateException(
                    verb + " after a tree of " + lastBatch.size() + " rows: keep one of its paths, or rewind, first");
        }
    }
}
