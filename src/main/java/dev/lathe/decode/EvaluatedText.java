package dev.lathe.decode;

import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.InferenceState.Snapshot;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A state together with the tokens of its text, so that the next prompt evaluates only what differs. The state holds
 * the whole text or a beginning of it. One thread at a time; owns its state.
 */
public final class EvaluatedText {
    private static final int LOGITS_OF_A_BATCH = 8_000_000; // 32 MB

    private final InferenceState state;
    private final int batchSize;
    private final CacheType cacheType;
    private final PrefixTree prefixes;
    private final Map<LanguageModel, EvaluatedText> drafts; // of this text, by the models that draft
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
        this(state, batchSize, CacheType.F32, new PrefixTree(0));
    }

    /**
     * An empty text that begins as others do.
     *
     * @param state an empty state
     * @param batchSize rows evaluated in one pass of a prompt
     * @param cacheType how the state stores keys and values
     * @param prefixes where beginnings of prompts are looked up and remembered
     * @throws IllegalArgumentException if the batch size is below 1 or the state is not empty
     */
    public EvaluatedText(InferenceState state, int batchSize, CacheType cacheType, PrefixTree prefixes) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("prompt batch size is " + batchSize + ": expected at least 1");
        }
        if (state.length() != 0) {
            throw new IllegalArgumentException("the state holds " + state.length() + " positions of unknown tokens");
        }
        this(state, batchSize, cacheType, prefixes, 0, new HashMap<>());
    }

    private EvaluatedText(
            InferenceState state,
            int batchSize,
            CacheType cacheType,
            PrefixTree prefixes,
            int length,
            Map<LanguageModel, EvaluatedText> drafts) {
        this.state = state;
        this.batchSize = batchSize;
        this.cacheType = Objects.requireNonNull(cacheType, "cacheType");
        this.prefixes = Objects.requireNonNull(prefixes, "prefixes");
        this.length = length;
        this.drafts = drafts;
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
     * Makes this text the longest beginning that it, or any text remembered, shares with a prompt, short of the
     * prompt's last token, whose logits are wanted; returns its length.
     *
     * @throws IllegalArgumentException if the prompt is empty
     * @throws ContextFullException if the prompt is longer than the state's capacity; nothing is changed
     */
    public int reuse(int... prompt) {
        checkFits(prompt);
        int shared = sharedLength(prompt);
        prefixes.find(cacheType, prompt, shared + 1)
                .ifPresentOrElse(
                        found -> restore(found, Arrays.copyOf(prompt, found.length())), () -> truncate(shared));
        return length;
    }

    /** Lets other texts begin as this one does, as far as the state holds it. */
    void remember() {
        int held = Math.min(length, state.length());
        if (!prefixes.isEnabled() || held < PrefixTree.LEAST_TOKENS || hasIncompleteRows()) {
            return;
        }
        Snapshot snapshot = state.snapshot();
        prefixes.remember(
                cacheType, Arrays.copyOf(tokens, held), snapshot.length() == held ? snapshot : snapshot.first(held));
    }

    /** Whether a snapshot would have to evaluate layers first. */
    private boolean hasIncompleteRows() {
        return state instanceof LayeredState layered
                && layered.openRows() > 0
                && layered.depth(layered.openRows() - 1) < layered.layerCount();
    }

    /** How much of a prompt the state holds: the longest common beginning, short of the prompt's last token. */
    public int sharedLength(int... prompt) {
        int limit = Math.min(Math.min(length, state.length()), prompt.length - 1);
        int shared = Arrays.mismatch(tokens, 0, limit, prompt, 0, limit);
        return shared < 0 ? limit : shared;
    }

    /** The same text in another state, which shares what it holds until one of them writes over it; without drafts. */
    public EvaluatedText fork() {
        EvaluatedText fork = new EvaluatedText(state.fork(), batchSize, cacheType, prefixes, length, new HashMap<>());
        fork.tokens = tokens.clone();
        return fork;
    }

    /**
     * Evaluates the rest of a prompt that this text is the beginning of, batch by batch.
     *
     * @param prompt the whole prompt
     * @param stop asked before each batch; if it says so, what was evaluated stays and the result is null
     * @param cancelled asked within a batch too; if it says so, {@code stop} must as well
     * @param progress told after each batch
     * @return logits [1 x vocabulary] of the prompt's last token, valid until the next call on the state; or null
     */
    FloatMatrix evaluate(int[] prompt, BooleanSupplier stop, BooleanSupplier cancelled, PromptProgress progress) {
        FloatMatrix logits = null;
        while (length < prompt.length) {
            if (stop.getAsBoolean()) {
                return null;
            }
            int end = Math.min(prompt.length, length + batchSize);
            int[] batch = Arrays.copyOfRange(prompt, length, end);
            try {
                logits = state.forward(
                        end < prompt.length ? TokenBatch.noLogits(batch) : TokenBatch.lastLogits(batch), cancelled);
            } catch (CancellationException e) {
                continue; // stop says so too
            }
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
        return evaluateUnless(() -> false, prompt).orElseThrow();
    }

    /**
     * Makes this text the given one, unless it is stopped, and returns the logits after its last token.
     *
     * @param stop asked before each batch
     * @return logits [1 x vocabulary], valid until the next call on the state; empty if it was stopped: what was
     *     evaluated stays
     * @throws IllegalArgumentException if there are no tokens
     * @throws ContextFullException if there are more than the state's capacity; nothing is changed
     */
    public Optional<FloatMatrix> evaluateUnless(BooleanSupplier stop, int... prompt) {
        reuse(prompt);
        return Optional.ofNullable(evaluate(prompt, stop, () -> false, (evaluatedTokens, promptTokens) -> {}));
    }

    /**
     * Makes this text the given one, evaluated from the start, in batches whose logits take little memory of their own.
     *
     * @param vocabularySize the length of a row of logits
     * @return logits [tokens x vocabulary], the caller's own
     * @throws IllegalArgumentException if there are no tokens, or more logits than an array holds
     * @throws ContextFullException if there are more than the state's capacity; nothing is changed
     * @throws InsufficientMemoryException if the heap has no room for all logits; nothing is changed
     */
    public FloatMatrix allLogits(int vocabularySize, int... prompt) {
        checkFits(prompt);
        FloatMatrix all = newLogits(prompt.length, vocabularySize);
        readLogits(
                vocabularySize,
                (first, logits) -> System.arraycopy(
                        logits.data(), 0, all.data(), all.offset(first), logits.rows() * logits.columns()),
                prompt);
        return all;
    }

    /** Takes the logits of a batch of a text. */
    @FunctionalInterface
    public interface LogitsReader {
        /**
         * Reads a batch.
         *
         * @param first position of the token that the first row stands after
         * @param logits [positions x vocabulary], valid during the call
         */
        void read(int first, FloatMatrix logits);
    }

    /**
     * Makes this text the given one, evaluated from the start, and shows the logits after all its tokens, batch by
     * batch.
     *
     * @param vocabularySize the length of a row of logits
     * @throws IllegalArgumentException if there are no tokens
     * @throws ContextFullException if there are more than the state's capacity; nothing is changed
     */
    public void readLogits(int vocabularySize, LogitsReader reader, int... prompt) {
        checkFits(prompt);
        truncate(0);
        int rows = Math.clamp(LOGITS_OF_A_BATCH / vocabularySize, 1, batchSize);
        while (length < prompt.length) {
            int[] batch = Arrays.copyOfRange(prompt, length, Math.min(prompt.length, length + rows));
            reader.read(length, state.forward(TokenBatch.allLogits(batch)));
            for (int token : batch) {
                append(token);
            }
        }
    }

    private static FloatMatrix newLogits(int rows, int vocabularySize) {
        long count = (long) rows * vocabularySize;
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("logits of " + rows + " tokens over a vocabulary of " + vocabularySize
                    + " are more than an array holds: ask for fewer tokens at a time");
        }
        try {
            return FloatMatrix.zeros(rows, vocabularySize);
        } catch (OutOfMemoryError e) {
            throw InsufficientMemoryException.ofHeap("logits of " + rows + " tokens", count * Float.BYTES, e);
        }
    }

    /** Forgets the tokens from a position on, and the state's rows of them. */
    public void truncate(int newLength) {
        if (newLength < 0 || newLength > length) {
            throw new IllegalArgumentException("cannot truncate a text of " + length + " tokens to " + newLength);
        }
        length = newLength;
        rewindState(newLength);
    }

    /**
     * What a draft model holds of this text, the caller's until it is {@linkplain #leaveDraft left}: so a draft too
     * evaluates only what is new from one generation to the next.
     */
    EvaluatedText takeDraft(LanguageModel draft) {
        EvaluatedText held = drafts.remove(draft);
        if (held != null) {
            return held;
        }
        int capacity = Math.min(draft.contextLength(), state.capacity());
        return new EvaluatedText(draft.newState(capacity, CacheType.F32), batchSize);
    }

    /** Keeps what a draft model holds of this text, in place of any kept before. */
    void leaveDraft(LanguageModel draft, EvaluatedText held) {
        EvaluatedText before = drafts.put(draft, held);
        if (before != null) {
            before.close();
        }
    }

    /** Frees the states of the text and of its drafts. */
    public void close() {
        drafts.values().forEach(EvaluatedText::close);
        drafts.clear();
        state.close();
    }

    /** A copy of this text, held by another state that holds the same of it. */
    EvaluatedText copy(InferenceState holder) {
        EvaluatedText copy = new EvaluatedText(holder, batchSize, cacheType, new PrefixTree(0), length, drafts);
        copy.tokens = tokens.clone();
        return copy;
    }

    /** Makes this the text that the state was given without this object. */
    void hold(int... text) {
        tokens = Arrays.copyOf(text, Math.max(64, text.length));
        length = text.length;
    }

    /** Makes this the text that a snapshot of the state was taken of. */
    public void restore(Snapshot snapshot, int... text) {
        if (snapshot.length() > text.length) {
            throw new IllegalArgumentException(
                    "the snapshot holds " + snapshot.length() + " positions, its text has " + text.length + " tokens");
        }
        state.restore(snapshot);
        hold(text);
    }

    void checkFits(int... prompt) {
        checkFits(prompt, state.capacity());
    }

    /**
     * Checks that a prompt has tokens and fits into a text.
     *
     * @param capacity the most tokens of the text
     * @throws IllegalArgumentException if the prompt is empty
     * @throws ContextFullException if it does not fit
     */
    public static void checkFits(int[] prompt, int capacity) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("the prompt has no tokens: at least one is needed to predict the next");
        }
        if (prompt.length > capacity) {
            throw new ContextFullException(0, prompt.length, capacity);
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
