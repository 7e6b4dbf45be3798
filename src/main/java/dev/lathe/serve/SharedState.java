package dev.lathe.serve;

import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A state whose passes are evaluated with those of others. */
sealed class SharedState implements InferenceState permits SharedLayeredState {
    private static final long OF_ARRIVAL = Long.MIN_VALUE;

    private final PassLoop loop;
    private final InferenceState state;
    private volatile long rank = OF_ARRIVAL;
    private FloatMatrix logits = FloatMatrix.zeros(0, 0);

    SharedState(PassLoop loop, InferenceState state) {
        this.loop = loop;
        this.state = state;
    }

    PassLoop loop() {
        return loop;
    }

    InferenceState inner() {
        return state;
    }

    /**
     * Of several prompts, the one with the smallest rank is evaluated first: the one that came first if none is set.
     */
    long rank() {
        return rank == OF_ARRIVAL ? System.nanoTime() : rank;
    }

    void rank(long value) {
        rank = value;
    }

    /** No pass will be asked for soon. */
    void rest() {
        loop.release(this);
    }

    /** Where the logits of a pass are held until the next one. */
    FloatMatrix logitsBuffer(int rows, int columns) {
        if (logits.rows() != rows || logits.columns() != columns) {
            logits = FloatMatrix.zeros(rows, columns);
        }
        return logits;
    }

    @Override
    public FloatMatrix forward(TokenBatch batch) {
        return forward(batch, () -> false);
    }

    @Override
    public FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
        return loop.evaluate(List.of(this), List.of(batch), stop);
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
        return new SharedState(loop, state.fork());
    }

    @Override
    public void close() {
        rest();
        state.close();
    }
}
