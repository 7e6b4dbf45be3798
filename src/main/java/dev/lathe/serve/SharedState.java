package dev.lathe.serve;

import dev.lathe.figures.Stopwatch;
import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingState;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A state whose passes are evaluated with those of others. */
sealed class SharedState implements ForwardingState permits SharedLayeredState {
    private static final long OF_ARRIVAL = Long.MIN_VALUE;

    private final SharedModel model;
    private final CacheType cacheType;
    private InferenceState state;
    private volatile long rank = OF_ARRIVAL;
    private FloatMatrix logits = FloatMatrix.zeros(0, 0);
    private volatile double joules;
    private volatile double shareOfPass = 1; // its rows of all rows
    private double othersNanos;
    private volatile boolean isInUse; // by a request
    private volatile boolean isAway;
    private volatile BooleanSupplier stop = () -> false;

    SharedState(SharedModel model, CacheType cacheType, InferenceState state) {
        this.model = model;
        this.cacheType = cacheType;
        this.state = state;
    }

    SharedModel model() {
        return model;
    }

    CacheType cacheType() {
        return cacheType;
    }

    @Override
    public InferenceState inner() {
        return state;
    }

    /**
     * Of several prompts, the one with the smallest rank is evaluated first: the one that came first if none is set.
     */
    long rank() {
        return rank == OF_ARRIVAL ? Stopwatch.system().nanos() : rank;
    }

    void rank(long value) {
        rank = value;
    }

    /** Energy of its rows so far, where it is metered. */
    double joules() {
        return joules;
    }

    /** Its share of a pass; under the loop's lock. */
    void spend(double more) {
        joules += more;
    }

    /** How much of the last pass was its own; under the loop's lock. */
    void shareOfPass(double share) {
        shareOfPass = share;
    }

    @Override
    public long othersNanos() {
        return (long) othersNanos;
    }

    /** A request uses it from now on, until it is released; while it sleeps, it asks whether to stop. */
    void use(BooleanSupplier stops) {
        stop = stops;
        isAway = false;
        isInUse = true;
        model.budget().hasChanged();
    }

    void release() {
        isInUse = false;
        stop = () -> false;
        model.budget().hasChanged();
    }

    /** Whoever uses it is busy with something else, perhaps for long. */
    void isAway(boolean value) {
        isAway = value;
        model.budget().hasChanged();
    }

    /** Whether a request uses it and goes on. */
    boolean isAtWork() {
        return isInUse && !isAway;
    }

    boolean isStopped() {
        return stop.getAsBoolean();
    }

    /** Whether what it holds can be written and read again; between passes. */
    boolean canSleep() {
        return isInUse;
    }

    /** Frees its keys and values. */
    void replaceByEmpty() {
        InferenceState empty = model.newInner(state.capacity(), cacheType);
        state.close();
        state = empty;
    }

    /** No pass will be asked for soon. */
    void rest() {
        model.loop().release(this);
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
        if (batch.evaluatedRows() == 0) {
            model.budget().beforePass(this);
        }
        long begin = Stopwatch.system().nanos();
        FloatMatrix result = model.loop().evaluate(List.of(this), List.of(batch), stop);
        othersNanos += (1 - shareOfPass) * (Stopwatch.system().nanos() - begin);
        return result;
    }

    @Override
    public InferenceState fork() {
        return new SharedState(model, cacheType, state.fork());
    }

    @Override
    public void close() {
        rest();
        model.budget().forget(this);
        state.close();
    }
}
