package dev.lathe.decode;

import dev.lathe.decode.constraint.TokenMask;
import dev.lathe.decode.guard.GuardedText;
import dev.lathe.decode.sampling.Candidates;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.decode.sampling.Selection;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * One generation as a strategy sees it: the committed text, the model's state, the sampler, and the one way to commit.
 * Mutable; one thread at a time; see {@link Decoding} for what holds between steps.
 */
public final class DecodingContext {
    private final LanguageModel model;
    private final EvaluatedText text;
    private final Sampler sampler;
    private final Uniforms uniforms;
    private final int promptLength;
    private final int maxTokens;
    private final int logProbabilities;
    private final BooleanSupplier cancelled;
    private final LongSupplier nanoTime;
    private final ConstrainedText constraint;
    private final GuardedText guard;
    private float[] maskedLogits = {};
    private final Candidates scratch = new Candidates();
    private final List<List<TokenProbability>> probabilities = new ArrayList<>();
    private long promptNanos;
    private boolean givenUp;

    /**
     * Starts after an evaluated prompt.
     *
     * @param logProbabilities how many alternatives to note with each token; {@link
     *     GenerationOptions#NO_LOG_PROBABILITIES} to note nothing
     * @param cancelled whether the generation is to end: asked by what takes long
     * @param nanoTime a clock such as {@link System#nanoTime}
     * @param constraint what the text may be, before its first token
     * @param guard before the first token too
     */
    DecodingContext(
            LanguageModel model,
            EvaluatedText text,
            Sampler sampler,
            long seed,
            int maxTokens,
            int logProbabilities,
            BooleanSupplier cancelled,
            LongSupplier nanoTime,
            ConstrainedText constraint,
            GuardedText guard) {
        this.model = model;
        this.text = text;
        this.sampler = sampler;
        this.uniforms = new Uniforms(seed);
        this.promptLength = text.length();
        this.maxTokens = maxTokens;
        this.logProbabilities = logProbabilities;
        this.cancelled = cancelled;
        this.nanoTime = nanoTime;
        this.constraint = constraint;
        this.guard = guard;
    }

    /** The model that decides. */
    public LanguageModel model() {
        return model;
    }

    /** The model's state; holds all of the text but the last token between steps. */
    public InferenceState state() {
        return text.state();
    }

    /** What is sampled. */
    public Sampler sampler() {
        return sampler;
    }

    /** Tokens committed: the prompt and what was generated. */
    public int length() {
        return text.length();
    }

    /** Tokens of the prompt. */
    public int promptLength() {
        return promptLength;
    }

    /** The committed token at a position in {@code [0, length())}. */
    public int token(int position) {
        return text.token(position);
    }

    /** The last committed token, which the state does not hold yet. */
    public int pendingToken() {
        return text.token(text.length() - 1);
    }

    /** A copy of all committed tokens. */
    public int[] tokens() {
        return text.tokens();
    }

    /** How many more tokens can be of use: bounded by the caller's maximum and by the state's capacity. */
    public int remaining() {
        int generated = text.length() - promptLength;
        return Math.min(maxTokens - generated, text.state().capacity() + 1 - text.length());
    }

    /**
     * Chooses the next token with the sampler and its own uniform number, and commits it.
     *
     * @param logits the model's logits
     * @param row the row that follows the last committed token
     * @return the token
     */
    public int commit(FloatMatrix logits, int row) {
        double uniform = uniforms.at(text.length() - promptLength);
        Row allowed = allowed(logits, row);
        int token = sampler.sample(
                allowed.logits(), allowed.index(), uniform, text.recent(sampler.penaltyWindow()), scratch);
        commit(token, logits, row);
        return token;
    }

    /**
     * The most probable token after a path of drafted tokens, with the sampler's bias and penalties: a draft's best
     * guess. (To draw from the draft's distribution with the number that the sampler will draw with was tried, and
     * guesses no better.)
     *
     * @param logits a draft's logits
     * @param row the row that follows the path
     * @param path drafted tokens after the committed text
     */
    public int guess(FloatMatrix logits, int row, int... path) {
        Row allowed = allowed(logits, row, path);
        return sampler.mostProbable(
                allowed.logits(), allowed.index(), text.recent(sampler.penaltyWindow(), path), scratch);
    }

    private record Row(FloatMatrix logits, int index) {}

    /**
     * A row without the tokens that the constraint does not allow there, and with what its guard adds to the end
     * tokens; valid until the next call.
     */
    private Row allowed(FloatMatrix logits, int row, int... path) {
        Optional<TokenMask> mask = constraint.mask(path);
        float endBias = guard.endBias(text.length() - promptLength + path.length);
        if (mask.isEmpty() && endBias == 0) {
            return new Row(logits, row);
        }
        if (maskedLogits.length != logits.columns()) {
            maskedLogits = new float[logits.columns()];
        }
        if (mask.isPresent()) {
            mask.get().copyAllowed(logits.data(), logits.offset(row), maskedLogits, 0, logits.columns());
        } else {
            System.arraycopy(logits.data(), logits.offset(row), maskedLogits, 0, logits.columns());
        }
        guard.addToEnds(endBias, maskedLogits);
        return new Row(new FloatMatrix(maskedLogits, 1, logits.columns()), 0);
    }

    /** What the text may be. */
    ConstrainedText constraint() {
        return constraint;
    }

    /** Starts a draft that proposes nothing but what the constraint allows. */
    public Draft.Run follow(Draft draft) {
        Draft.Run run = draft.start(this);
        return constraint.isConstrained() ? new MaskedDraft(run, this) : run;
    }

    /**
     * Now, on the generation's clock, which stands still while a draft evaluates the prompt, and goes by the text's own
     * part of the passes that it shares with others: so where many texts fill the passes, a drafted token costs what it
     * takes from them.
     */
    public long nanoTime() {
        return nanoTime.getAsLong() - promptNanos - text.state().othersNanos();
    }

    /** Does what evaluates the prompt for a draft, in time that counts as the prompt's and not as decoding. */
    public void asPromptTime(Runnable evaluation) {
        long begin = nanoTime.getAsLong();
        evaluation.run();
        promptNanos += nanoTime.getAsLong() - begin;
    }

    /** Time that drafts took to evaluate the prompt. */
    long promptNanos() {
        return promptNanos;
    }

    /** Commits a token that the strategy chose itself by the distribution of this row. */
    public void commit(int token, FloatMatrix logits, int row) {
        if (logProbabilities != GenerationOptions.NO_LOG_PROBABILITIES) {
            probabilities.add(tokenProbabilities(token, logits, row));
        }
        guard.observe(logits.data(), logits.offset(row), logits.columns());
        constraint.append(token);
        text.append(token);
    }

    /**
     * The processed distribution over the token after the committed text and a path of drafted tokens.
     *
     * @param logits the model's logits
     * @param row the row that follows the path
     * @param path drafted tokens after the committed text; none for the next token itself
     */
    public Distribution distribution(FloatMatrix logits, int row, int... path) {
        Row allowed = allowed(logits, row, path);
        return sampler.distribution(allowed.logits(), allowed.index(), text.recent(sampler.penaltyWindow(), path));
    }

    /** Ends the generation with the step under way; the last token that it commits is not shown. */
    public void giveUp() {
        givenUp = true;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Whether the generation is to end; what takes long asks between its parts. */
    public boolean isCancelled() {
        return cancelled.getAsBoolean();
    }

    /** What a draft model holds of the text; see {@link EvaluatedText#takeDraft}. */
    EvaluatedText takeDraftText(LanguageModel draft) {
        return text.takeDraft(draft);
    }

    void leaveDraftText(LanguageModel draft, EvaluatedText held) {
        text.leaveDraft(draft, held);
    }

    /** Random numbers for a purpose of the strategy's own, apart from the ones that commit tokens. */
    public Uniforms uniforms(long purpose) {
        return uniforms.derived(purpose);
    }

    /** Of a committed token: its own probability, then the alternatives; empty if none were asked for. */
    List<TokenProbability> probabilities(int index) {
        return probabilities.isEmpty() ? List.of() : probabilities.get(index);
    }

    private List<TokenProbability> tokenProbabilities(int token, FloatMatrix logits, int row) {
        float[] data = logits.data();
        int offset = logits.offset(row);
        double logSumExp = Logits.logSumExp(data, offset, logits.columns());
        List<TokenProbability> noted = new ArrayList<>();
        noted.add(new TokenProbability(token, data[offset + token] - logSumExp));
        if (logProbabilities == 0) {
            return noted;
        }
        long[] keys = new long[logits.columns()];
        Arrays.setAll(keys, id -> Selection.key(data[offset + id], id));
        for (long key : Selection.largest(keys, keys.length, Math.min(logProbabilities, keys.length))) {
            int id = Selection.index(key);
            noted.add(new TokenProbability(id, data[offset + id] - logSumExp));
        }
        return noted;
    }
}
