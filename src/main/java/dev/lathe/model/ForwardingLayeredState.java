package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;

/** A {@link ForwardingState} before a state of layers. */
public interface ForwardingLayeredState extends ForwardingState, LayeredState {
    @Override
    LayeredState inner();

    @Override
    default int layerCount() {
        return inner().layerCount();
    }

    @Override
    default void append(TokenBatch batch) {
        inner().append(batch);
    }

    @Override
    default void deepen(int depth) {
        inner().deepen(depth);
    }

    @Override
    default int openRows() {
        return inner().openRows();
    }

    @Override
    default int depth(int openRow) {
        return inner().depth(openRow);
    }

    @Override
    default float[] hidden(int openRow) {
        return inner().hidden(openRow);
    }

    @Override
    default FloatMatrix logits(int... openRows) {
        return inner().logits(openRows);
    }

    @Override
    default FloatMatrix preview(SkippedParts skipped, int... openRows) {
        return inner().preview(skipped, openRows);
    }

    @Override
    default void propagate() {
        inner().propagate();
    }
}
