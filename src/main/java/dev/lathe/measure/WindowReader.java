package dev.lathe.measure;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;

/** Reads the windows of a text with one model and gives the logits of the scored tokens, a slice at a time. */
final class WindowReader implements AutoCloseable {
    /** Rows of logits held at once: a large vocabulary takes half a megabyte a row. */
    static final int SLICE = 64;

    private final Windows windows;
    private final int[] tokens;
    private final InferenceState state;
    private int[] window = {};

    WindowReader(LanguageModel model, int[] tokens, Windows windows, CacheType cacheType) {
        if (windows.context() > model.contextLength()) {
            throw new IllegalArgumentException("windows of " + windows.context()
                    + " tokens, but the model's context is " + model.contextLength() + ": ask for smaller windows");
        }
        this.windows = windows;
        this.tokens = tokens;
        this.state = model.newState(windows.context(), cacheType);
    }

    /** Starts a window: evaluates what comes before its scored tokens. */
    void open(int index) {
        int start = index * windows.step();
        window = Arrays.copyOfRange(tokens, start, start + windows.context());
        windows.firstToken().ifPresent(token -> window[0] = token);
        state.rewind(0);
        int unscored = firstPredictor();
        if (unscored > 0) {
            state.forward(TokenBatch.noLogits(Arrays.copyOf(window, unscored)));
        }
    }

    /** Logits [rows x vocabulary] of scored tokens {@code from} to {@code from + rows}; valid until the next call. */
    FloatMatrix logits(int from, int rows) {
        int first = firstPredictor() + from;
        return state.forward(TokenBatch.allLogits(Arrays.copyOfRange(window, first, first + rows)));
    }

    /** The scored token with this index, which row {@code index} of the logits predicts. */
    int target(int index) {
        return window[firstPredictor() + index + 1];
    }

    /** The position whose logits predict the first scored token. */
    private int firstPredictor() {
        return windows.context() - windows.scored() - 1;
    }

    @Override
    public void close() {
        state.close();
    }
}
