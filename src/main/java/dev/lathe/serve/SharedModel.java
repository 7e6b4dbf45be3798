package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A model whose passes are shared: whoever asks for one waits until a thread of this object evaluates it, in one pass
 * with those that others ask for. A row has the same bits in any pass, so nobody can tell but by time; strategies,
 * sessions and measures run on it as on the model itself.
 *
 * <p>Thread-safe, as models are; each state is one thread's at a time. Layers evaluated apart, as early exits do, run
 * at once on the caller's thread.
 */
public sealed class SharedModel implements LanguageModel, AutoCloseable permits SharedLayeredModel {
    private final LanguageModel model;
    private final PassLoop loop;

    SharedModel(LanguageModel model, Duration longestPass) {
        this.model = model;
        this.loop = new PassLoop(model, longestPass);
    }

    /**
     * Shares a model's passes; the model stays the caller's.
     *
     * @param longestPass how long prompts may make a pass while other texts wait for their next token
     */
    public static SharedModel of(LanguageModel model, Duration longestPass) {
        return model instanceof LayeredModel layered
                ? new SharedLayeredModel(layered, longestPass)
                : new SharedModel(model, longestPass);
    }

    @Override
    public int vocabularySize() {
        return model.vocabularySize();
    }

    @Override
    public long vocabularyFingerprint() {
        return model.vocabularyFingerprint();
    }

    @Override
    public int contextLength() {
        return model.contextLength();
    }

    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return new SharedState(loop, model.newState(capacity, cacheType));
    }

    @Override
    public FloatMatrix forward(List<? extends InferenceState> states, List<TokenBatch> batches) {
        if (states.isEmpty() || states.size() != batches.size()) {
            throw new IllegalArgumentException(batches.size() + " batches for " + states.size()
                    + " states: expected one for each of at least one state");
        }
        List<SharedState> own = new ArrayList<>();
        for (InferenceState state : states) {
            if (!(state instanceof SharedState shared) || shared.loop() != loop) {
                throw new IllegalArgumentException("state " + own.size() + " is not one of this model");
            }
            own.add(shared);
        }
        return loop.evaluate(own, batches, () -> false);
    }

    /** What the passes were so far. */
    public PassStatistics statistics() {
        return loop.statistics();
    }

    /** Ends the thread after the pass under way; whoever asks for one later gets an {@code IllegalStateException}. */
    @Override
    public void close() {
        loop.close();
    }

    PassLoop loop() {
        return loop;
    }
}
