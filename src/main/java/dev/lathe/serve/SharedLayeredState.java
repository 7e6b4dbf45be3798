package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;

/** A shared state whose layers can be evaluated apart, on the caller's thread. */
final class SharedLayeredState extends SharedState implements LayeredState {
    SharedLayeredState(SharedModel model, CacheType cacheType, LayeredState state) {
        super(model, cacheType, state);
    }

    private LayeredState layered() {
        return (LayeredState) inner();
    }

    @Override
    boolean canSleep() {
        return super.canSleep() && openRows() == 0; // a copy would complete its open rows
    }

    @Override
    public int layerCount() {
        return layered().layerCount();
    }

    @Override
    public void append(TokenBatch batch) {
        if (batch.evaluatedRows() == 0) {
            model().budget().beforePass(this);
        }
        layered().append(batch);
    }

    @Override
    public void deepen(int depth) {
        layered().deepen(depth);
    }

    @Override
    public int openRows() {
        return layered().openRows();
    }

    @Override
    public int depth(int openRow) {
        return layered().depth(openRow);
    }

    @Override
    public float[] hidden(int openRow) {
        return layered().hidden(openRow);
    }

    @Override
    public FloatMatrix logits(int... openRows) {
        return layered().logits(openRows);
    }

    @Override
    public FloatMatrix preview(SkippedParts skipped, int... openRows) {
        return layered().preview(skipped, openRows);
    }

    @Override
    public void propagate() {
        layered().propagate();
    }

    @Override
    public InferenceState fork() {
        return new SharedLayeredState(
                model(), cacheType(), (LayeredState) layered().fork());
    }
}
