package dev.lathe.decode;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;

/** Another model, with passes that do something more. */
public abstract class ForwardingModel implements LanguageModel {
    private final LanguageModel model;

    protected ForwardingModel(LanguageModel model) {
        this.model = model;
    }

    /** A pass of the other model's state, and what there is more. */
    protected abstract FloatMatrix forward(InferenceState state, TokenBatch batch);

    @Override
    public int vocabularySize() {
        return model.vocabularySize();
    }

    @Override
    public int contextLength() {
        return model.contextLength();
    }

    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return new State(model.newState(capacity, cacheType));
    }

    private final class State implements InferenceState {
        private final InferenceState state;

        State(InferenceState state) {
            this.state = state;
        }

        @Override
        public FloatMatrix forward(TokenBatch batch) {
            return ForwardingModel.this.forward(state, batch);
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
        public InferenceState fork() {
            return new State(state.fork());
        }

        @Override
        public void restore(Snapshot snapshot) {
            state.restore(snapshot);
        }

        @Override
        public void close() {
            state.close();
        }
    }
}
