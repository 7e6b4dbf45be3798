package dev.lathe.decode;

import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingModel;
import dev.lathe.model.ForwardingState;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.function.BooleanSupplier;

/** Another model, with passes that do something more. */
public abstract class InterceptedModel implements ForwardingModel {
    private final LanguageModel model;

    protected InterceptedModel(LanguageModel model) {
        this.model = model;
    }

    /** A pass of the other model's state, and what there is more. */
    protected abstract FloatMatrix forward(InferenceState state, TokenBatch batch);

    /** The same of a pass that may be stopped, which this one may not. */
    protected FloatMatrix forward(InferenceState state, TokenBatch batch, BooleanSupplier stop) {
        return forward(state, batch);
    }

    /** What others had of the passes. */
    protected long othersNanos() {
        return 0;
    }

    @Override
    public final LanguageModel inner() {
        return model;
    }

    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return new State(this, model.newState(capacity, cacheType));
    }

    private record State(InterceptedModel model, InferenceState inner) implements ForwardingState {
        @Override
        public FloatMatrix forward(TokenBatch batch) {
            return model.forward(inner, batch);
        }

        @Override
        public FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
            return model.forward(inner, batch, stop);
        }

        @Override
        public long othersNanos() {
            return model.othersNanos();
        }

        @Override
        public InferenceState fork() {
            return new State(model, inner.fork());
        }
    }
}
