package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingModel;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
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
public sealed class SharedModel implements ForwardingModel, AutoCloseable permits SharedLayeredModel {
    private final LanguageModel model;
    private final PassLoop loop;
    private final CacheBudget budget;

    SharedModel(LanguageModel model, EngineOptions options) {
        this.model = model;
        this.budget = new CacheBudget(options);
        if (budget.isLimited()) {
            checkSleeps(options.cacheType());
        }
        this.loop = new PassLoop(model, options.longestPass(), options.energyMeter());
    }

    /**
     * Shares a model's passes; the model stays the caller's.
     *
     * @param options of these, how passes are scheduled and metered, and how much memory texts may take
     * @throws IllegalArgumentException if memory is limited and the model's states cannot be written
     */
    public static SharedModel of(LanguageModel model, EngineOptions options) {
        return model instanceof LayeredModel layered
                ? new SharedLayeredModel(layered, options)
                : new SharedModel(model, options);
    }

    private void checkSleeps(CacheType cacheType) {
        try (InferenceState probe = model.newState(1, cacheType)) {
            probe.pages((page, bytes) -> {});
            probe.snapshot().write(Channels.newChannel(OutputStream.nullOutputStream()));
        } catch (UnsupportedOperationException cannot) {
            throw new IllegalArgumentException(
                    "cacheBytes is given, but texts of this model cannot sleep: " + cannot.getMessage(), cannot);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public LanguageModel inner() {
        return model;
    }

    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return new SharedState(this, cacheType, newInner(capacity, cacheType));
    }

    /** A state of the model itself. */
    InferenceState newInner(int capacity, CacheType cacheType) {
        return model.newState(capacity, cacheType);
    }

    @Override
    public FloatMatrix forward(List<? extends InferenceState> states, List<TokenBatch> batches) {
        if (states.isEmpty() || states.size() != batches.size()) {
            throw new IllegalArgumentException(batches.size() + " batches for " + states.size()
                    + " states: expected one for each of at least one state");
        }
        List<SharedState> own = new ArrayList<>();
        for (InferenceState state : states) {
            if (!(state instanceof SharedState shared) || shared.model() != this) {
                throw new IllegalArgumentException("state " + own.size() + " is not one of this model");
            }
            own.add(shared);
        }
        own.forEach(budget::look);
        return loop.evaluate(own, batches, () -> false);
    }

    /** What the passes were so far. */
    public PassStatistics statistics() {
        return loop.statistics();
    }

    /** What texts hold in memory, where that is limited. */
    public CacheStatistics cacheStatistics() {
        return budget.statistics();
    }

    /** Ends the thread after the pass under way; whoever asks for one later gets an {@code IllegalStateException}. */
    @Override
    public void close() {
        loop.close();
    }

    PassLoop loop() {
        return loop;
    }

    CacheBudget budget() {
        return budget;
    }
}
