package dev.lathe.serve;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;

/** A shared state whose layers can be evaluated apart, on the caller's thread. */
final class SharedLayeredState extends SharedState implements LayeredState {
    private final LayeredState state;

    SharedLayeredState(PassLoop loop, LayeredState state) {
        super(loop, state);
        this.state = state;
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
    public FloatMatrix logits(int... openRows) {
        return state.logits(openRows);
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
    public InferenceState fork() {
        return new SharedLayeredState(loop(), (LayeredState) state.fork());
    }
}
