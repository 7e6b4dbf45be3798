package dev.lathe.decode;

import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * A state together with the tokens of its text, so that the next prompt evaluates only what differs. The state holds
 * the whole text or a beginning of it. One thread at a time; the state stays its maker's to close.
 */
public final class EvaluatedText {
    private final InferenceState state;
    private final int batchSize;
    private int[] tokens = new int[64];
    private int length;

    /**
     * An empty text.
     *
     * @param state an empty state
     * @param batchSize rows evaluated in one pass of a prompt
     * @throws IllegalArgumentException if the batch size is below 1 or the state is not empty
     */
    public EvaluatedText(InferenceState state, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("prompt batch size is " + batchSize + ": expected at least 1");
        }
        if (state.length() != 0) {
            throw new IllegalArgumentException("the state holds " + state.length() + " positions of unknown tokens");
        }
        this(state, batchSize, 0);
    }

    private EvaluatedText(InferenceState state, int batchSize, int length) {
        this.state = state;
        this.batchSize = batchSize;
        this.length = length;
    }

    /** The state that holds this text, or a beginning of it. */
    public InferenceState state() {
        return state;
    }

    /** Tokens in the text. */
    public int length() {
        return length;
    }

    /** The token at a position in {@code [0, length())}. */
    public int token(int position) {
        return tokens[Objects.checkIndex(position, length)];
    }

    /** A copy of the text's tokens. */
    public int[] tokens() {
        return Arrays.copyOf(tokens, length);
    }

    /**
     * Makes this text the longest beginning that it shares with a prompt, short of the prompt's last token, whose
     * logits are wanted; returns its length.
     *
     * @throws IllegalArgumentException if the prompt is empty
     * @throws ContextFullException if the prompt is longer than the state's capacity; nothing is changed
     */
    public int reuse(int... prompt) {
        checkFits(prompt);
        int limit = Math.min(state.length(), prompt.length - 1);
        int shared = Arrays.mismatch(tokens, 0, limit, prompt, 0, limit);
        truncate(shared < 0 ? limit : shared);
        return length;
    }

    /**
     * Evaluates the rest of a prompt that this text is the beginning of, batch by batch.
     *
     * @param prompt the whole prompt
     * @param stopRequested asked before each batch; if it says so, what was evaluated stays and the result is null
     * @param progress told after each batch
     * @return logits [1 x vocabulary] of the prompt's last token, valid until the next call on the state; or null
     */
    FloatMatrix evaluate(int[] prompt, BooleanSupplier stopRequested, PromptProgress progress) {
        FloatMatrix logits = null;
        while (length < prompt.length) {
            if (stopRequested.getAsBoolean()) {
                return null;
            }
            int end = Math.min(prompt.length, length + batchSize);
            int[] batch = Arrays.copyOfRange(prompt, length, end);
            logits = state.forward(end < prompt.length ? TokenBatch.noLogits(batch) : TokenBatch.lastLogits(batch));
            for (int token : batch) {
                append(token);
            }
            progress.evaluated(end, prompt.length);
        }
        return logits;
    }

    /**
     * Makes this text the given one and returns the logits after its last token.
     *
     * @return logits [1 x vocabulary], valid until the next call on the state
     * @throws IllegalArgumentException if there are no tokens
     * @throws ContextFullException if there are more than the state's capacity; nothing is changed
     */
    public FloatMatrix evaluate(int... prompt) {
        reuse(prompt);
        return evaluate(prompt, () -> false, (evaluatedTokens, promptTokens) -> {});
    }

    /**
     * Makes this text the given one, evaluated from the start.
     *
     * @return logits [tokens x vocabulary], the caller's own
     * @throws IllegalArgumentException if there are no tokens
     * @throws ContextFullException if there are more than the state's capacity; nothing is changed
     */
    public FloatMatrix allLogits(int... prompt) {
        checkFits(prompt);
        truncate(0);
        FloatMatrix all = null;
        while (length < prompt.length) {
            int[] batch = Arrays.copyOfRange(prompt, length, Math.min(prompt.length, length + batchSize));
            FloatMatrix logits = state.forward(TokenBatch.allLogits(batch));
            all = all == null ? FloatMatrix.zeros(prompt.length, logits.columns()) : all;
            System.arraycopy(logits.data(), 0, all.data(), all.offset(length), logits.rows() * logits.columns());
            for (int token : batch) {
                append(token);
            }
        }
        return all;
    }

    /** Forgets the tokens from a position on, and the state's rows of them. */
    public void truncate(int newLength) {
        if (newLength < 0 || newLength > length) {
            throw new IllegalArgumentException("cannot truncate a text of " + length + " tokens to " + newLength);
        }
        length = newLength;
        rewindState(newLength);
    }

    /** A copy of this text, held by another state that holds the same of it. */
    EvaluatedText copy(InferenceState holder) {
        EvaluatedText copy = new EvaluatedText(holder, batchSize, length);
        copy.tokens = tokens.clone();
        return copy;
    }

    /** Makes this the text that the state was given without this object. */
    void hold(int... text) {
        tokens = Arrays.copyOf(text, Math.max(64, text.length));
        length = text.length;
    }

    /** Makes this the text that a snapshot of the state was taken of. */
    public void restore(InferenceState.Snapshot snapshot, int... text) {
        if (snapshot.length() > text.length) {
            throw new IllegalArgumentException(
                    "the snapshot holds " + snapshot.length() + " positions, its text has " + text.length + " tokens");
        }
        state.restore(snapshot);
        hold(text);
    }

    void checkFits(int... prompt) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("the prompt has no tokens: at least one is needed to predict the next");
        }
        if (prompt.length > state.capacity()) {
            throw new ContextFullException(0, prompt.length, state.capacity());
        }
    }

    /** Makes the state hold at most this many positions. */
    void rewindState(int positions) {
        if (state.length() > positions) {
            state.rewind(positions);
        }
    }

    /** Adds a token that the state does not hold yet, or was just given. */
    void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
    }

    /** The last tokens followed by a path, at most {@code count} in all. */
    int[] recent(int count, int... path) {
        int fromText = Math.clamp(count - path.length, 0, length);
        int fromPath = Math.min(count, path.length);
        int[] recent = Arrays.copyOfRange(tokens, length - fromText, length + fromPath);
        System.arraycopy(path, path.length - fromPath, recent, fromText, fromPath);
        return recent;
    }
}
