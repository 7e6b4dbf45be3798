package dev.lathe.retrieval;

import dev.lathe.model.ForwardingLayeredState;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A state of the model, whose complete rows' logits are mixed with those of neighbors. */
final class NeighborState implements ForwardingLayeredState {
    private final NeighborLanguageModel model;
    private final LayeredState state;

    NeighborState(NeighborLanguageModel model, LayeredState state) {
        this.model = model;
        this.state = state;
    }

    @Override
    public LayeredState inner() {
        return state;
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
    public InferenceState fork() {
        return new NeighborState(model, (LayeredState) state.fork());
    }
}
