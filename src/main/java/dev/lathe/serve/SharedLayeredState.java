package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingLayeredState;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;

/** A shared state whose layers can be evaluated apart, on the caller's thread. */
final class SharedLayeredState extends SharedState implements ForwardingLayeredState {
    SharedLayeredState(SharedModel model, CacheType cacheType, LayeredState state) {
        super(model, cacheType, state);
    }

    @Override
    public LayeredState inner() {
        return (LayeredState) super.inner();
    }

    @Override
    boolean canSleep() {
        return super.canSleep() && isComplete(); // a copy would complete its open rows
    }

    private boolean isComplete() {
        int rows = openRows();
        return rows == 0 || depth(rows - 1) == layerCount();
    }

    @Override
    public void append(TokenBatch batch) {
        if (batch.evaluatedRows() == 0) {
            model().budget().beforePass(this);
        }
        inner().append(batch);
    }

    @Override
    public InferenceState fork() {
        return new SharedLayeredState(model(), cacheType(), (LayeredState) inner().fork());
    }
}
