package dev.lathe.retrieval;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A state of the model, whose complete rows' logits are mixed with those of neighbors. */
final class NeighborState implements LayeredState {
    private final NeighborLanguageModel model;
    private final LayeredState state;

    NeighborState(NeighborLanguageModel model, LayeredState state) {
        this.model = model;
        this.state = state;
    }

    @Override
    public FloatMatrix forward(TokenBatch batch) {
        return forward(batch, () -> false);
    }

    /** Layer by layer, which leaves the hidden states where they can be read. */
    @Override
    public FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
        int before = state.length();
        boolean isGrown = batch.evaluatedRows() > 0;
        stopIf(stop.getAsBoolean());
        state.append(batch);
        for (int depth = 1; depth <= state.layerCount(); depth++) {
            if (!isGrown && stop.getAsBoolean()) { // a grown tree cannot be cut back to what it was
                state.rewind(before);
                stopIf(true);
            }
            state.deepen(depth);
        }
        int first = state.openRows() - batch.newRows();
        int[] wanted = IntStream.range(batch.evaluatedRows(), batch.size())
                .filter(batch::logitsWanted)
                .map(row -> first + row - batch.evaluatedRows())
                .toArray();
        return logits(wanted);
    }

    private static void stopIf(boolean isStopped) {
        if (isStopped) {
            throw new CancellationException("the pass was stopped");
        }
    }

    @Override
    public FloatMatrix logits(int... openRows) {
        FloatMatrix logits = state.logits(openRows);
        int[] complete = IntStream.range(0, openRows.length)
                .filter(row -> state.depth(openRows[row]) == state.layerCount())
                .toArray();
        if (complete.length > 0) {
            float[][] hidden = IntStream.of(complete)
                    .mapToObj(row -> state.hidden(openRows[row]))
                    .toArray(float[][]::new);
            FloatMatrix queries = FloatMatrix.zeros(hidden.length, hidden[0].length);
            for (int row = 0; row < hidden.length; row++) {
                System.arraycopy(hidden[row], 0, queries.data(), queries.offset(row), hidden[row].length);
            }
            model.mix(logits, complete, queries);
        }
        return logits;
    }

    @Override
    public int capacity() {
        return state.capacity();
    }

    @Override
    public int length() {
        return state.length();
    }

    @Override
    public int layerCount() {
        return state.layerCount();
    }

    @Override
    public void append(TokenBatch batch) {
        state.append(batch);
    }

    @Override
    public void deepen(int depth) {
        state.deepen(depth);
    }

    @Override
    public int openRows() {
        return state.openRows();
    }

    @Override
    public int depth(int openRow) {
        return state.depth(openRow);
    }

    @Override
    public float[] hidden(int openRow) {
        return state.hidden(openRow);
    }

    @Override
    public FloatMatrix preview(SkippedParts skipped, int... openRows) {
        return state.preview(skipped, openRows);
    }

    @Override
    public void propagate() {
        state.propagate();
    }

    @Override
    public void rewind(int length) {
        state.rewind(length);
    }

    @Override
    public void keep(int... rows) {
        state.keep(rows);
    }

    @Override
    public Snapshot snapshot() {
        return state.snapshot();
    }

    @Override
    public void restore(Snapshot snapshot) {
        state.restore(snapshot);
    }

    @Override
    public void read(ReadableByteChannel source) throws IOException {
        state.read(source);
    }

    @Override
    public InferenceState fork() {
        return new NeighborState(model, (LayeredState) state.fork());
    }

    @Override
    public void close() {
        state.close();
    }
}
