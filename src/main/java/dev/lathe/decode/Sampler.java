package dev.lathe.decode;

import dev.lathe.decode.sampling.Candidates;
import dev.lathe.decode.sampling.LogitAdjustment;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.decode.sampling.Truncation;
import dev.lathe.tensor.FloatMatrix;
import java.util.OptionalLong;

/**
 * What is chosen: the distribution over the next token that a row of logits becomes, and the number that draws from it.
 *
 * <p>The steps run in llama.cpp's order whatever the order of the calls, each on what the one before left:
 *
 * <ol>
 *   <li>{@link #logitBias logit bias};
 *   <li>{@link #repetitionPenalty repetition}, {@link #frequencyPenalty frequency} and {@link #presencePenalty
 *       presence} penalties, over the last {@link #penaltyWindow(int) window} of prompt and generated text;
 *   <li>{@link #topK top-k}, {@link #typical typical}, {@link #topP top-p}, {@link #minP min-p}: each drops tokens,
 *       measured on the softmax at temperature 1 of the tokens still there;
 *   <li>temperature, on the tokens that are left.
 * </ol>
 *
 * <p>Temperature comes last, so it does not change which tokens are possible (libraries that apply it first keep more
 * tokens at temperatures above 1 for the same top-p). Temperature 0 is the limit: the most probable of the tokens left.
 * Of equally probable tokens the lower id goes first everywhere.
 *
 * <p>Deterministic: the token number i of a generation is drawn with number i of {@link Uniforms} and no other, sums
 * are in double precision in a fixed order, exp and log are {@link StrictMath}'s. The same logits and seed give the
 * same token on every machine. Immutable and thread-safe.
 */
public final class Sampler {
    private final float temperature;
    private final LogitAdjustment adjustment;
    private final Truncation truncation;
    private final OptionalLong seed;

    private Sampler(float temperature, LogitAdjustment adjustment, Truncation truncation, OptionalLong seed) {
        this.temperature = temperature;
        this.adjustment = adjustment;
        this.truncation = truncation;
        this.seed = seed;
    }

    /** Always the most probable token: temperature 0. */
    public static Sampler greedy() {
        return temperature(0);
    }

    /**
     * Draws from softmax(logits / temperature); no token is dropped unless asked for.
     *
     * @param temperature 0 for greedy, 1 for the model's own distribution, above 1 for a flatter one
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public static Sampler temperature(float temperature) {
        require(temperature >= 0 && temperature < Float.POSITIVE_INFINITY, "temperature", temperature, "at least 0");
        return new Sampler(temperature, LogitAdjustment.NONE, Truncation.NONE, OptionalLong.empty());
    }

    /**
     * Keeps the k most probable tokens (Fan, Lewis, Dauphin: Hierarchical Neural Story Generation, 2018).
     *
     * @throws IllegalArgumentException if k is below 1; leave the step out to keep all
     */
    public Sampler topK(int k) {
        require(k >= 1, "topK", k, "at least 1; leave it out to keep all tokens");
        return with(new Truncation(k, truncation.typical(), truncation.topP(), truncation.minP()));
    }

    /**
     * Keeps the most probable tokens, from the top, until their mass reaches p (nucleus sampling; Holtzman et al.: The
     * Curious Case of Neural Text Degeneration, 2019).
     *
     * @throws IllegalArgumentException if p is outside of (0, 1]
     */
    public Sampler topP(float p) {
        require(p > 0 && p <= 1, "topP", p, "above 0 and at most 1");
        return with(new Truncation(truncation.topK(), truncation.typical(), p, truncation.minP()));
    }

    /**
     * Keeps the tokens at least p times as probable as the most probable one (Nguyen et al.: Turning Up the Heat: Min-p
     * Sampling, 2024).
     *
     * @throws IllegalArgumentException if p is outside of [0, 1]
     */
    public Sampler minP(float p) {
        require(p >= 0 && p <= 1, "minP", p, "from 0 to 1");
        return with(new Truncation(truncation.topK(), truncation.typical(), truncation.topP(), p));
    }

    /**
     * Keeps the tokens whose information content -log p is nearest to the entropy, until their mass reaches the given
     * one (Meister et al.: Locally Typical Sampling, 2022). Distances are compared in single precision. This can drop
     * the most probable token, from greedy decoding too.
     *
     * @throws IllegalArgumentException if the mass is outside of (0, 1]
     */
    public Sampler typical(float mass) {
        require(mass > 0 && mass <= 1, "typical", mass, "above 0 and at most 1");
        return with(new Truncation(truncation.topK(), mass, truncation.topP(), truncation.minP()));
    }

    /**
     * Divides the positive logits of recent tokens by the penalty and multiplies their negative ones with it (Keskar et
     * al.: CTRL, 2019, section 4.1). 1 changes nothing, above 1 discourages repetition.
     *
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public Sampler repetitionPenalty(float penalty) {
        require(penalty > 0 && penalty < Float.POSITIVE_INFINITY, "repetitionPenalty", penalty, "above 0 (1 is none)");
        return with(new LogitAdjustment(
                adjustment.bias(), penalty, adjustment.frequency(), adjustment.presence(), adjustment.givenWindow()));
    }

    /**
     * Subtracts the penalty from a recent token's logit once for each time it occurs.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Sampler frequencyPenalty(float penalty) {
        require(Float.isFinite(penalty), "frequencyPenalty", penalty, "a finite number (0 is none)");
        return with(new LogitAdjustment(
                adjustment.bias(), adjustment.repetition(), penalty, adjustment.presence(), adjustment.givenWindow()));
    }

    /**
     * Subtracts the penalty once from the logit of every recent token.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Sampler presencePenalty(float penalty) {
        require(Float.isFinite(penalty), "presencePenalty", penalty, "a finite number (0 is none)");
        return with(new LogitAdjustment(
                adjustment.bias(), adjustment.repetition(), adjustment.frequency(), penalty, adjustment.givenWindow()));
    }

    /**
     * How many tokens back the penalties look, in prompt and generated text together; 64 unless given. A window without
     * any penalty is refused when generation starts.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Sampler penaltyWindow(int tokens) {
        require(tokens >= 1, "penaltyWindow", tokens, "at least 1; leave the penalties out to have none");
        return with(new LogitAdjustment(
                adjustment.bias(), adjustment.repetition(), adjustment.frequency(), adjustment.presence(), tokens));
    }

    /**
     * Adds to the logit of a token; minus infinity makes it impossible. A second bias for the same token replaces the
     * first.
     *
     * @throws IllegalArgumentException if the token is negative, or the bias is NaN or plus infinity
     */
    public Sampler logitBias(int token, float bias) {
        require(token >= 0, "logitBias for token", token, "a token of the vocabulary");
        require(bias < Float.POSITIVE_INFINITY, "logitBias", bias, "a finite number or -Infinity");
        return with(adjustment.withBias(token, bias));
    }

    /** Draws with this seed; without one, every generation takes a fresh seed and tells it in its statistics. */
    public Sampler seed(long seed) {
        return new Sampler(temperature, adjustment, truncation, OptionalLong.of(seed));
    }

    /** The seed, if one was given. */
    public OptionalLong seed() {
        return seed;
    }

    /** Whether the distribution is always one token alone (temperature 0). */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** How many tokens of the text before a row its distribution depends on; 0 without penalties. */
    public int penaltyWindow() {
        return adjustment.penalizes() ? adjustment.window() : 0;
    }

    /**
     * The distribution over the next token.
     *
     * @param logits [rows x vocabulary]; not changed
     * @param row the row to read
     * @param text the text before the next token, its last {@link #penaltyWindow()} tokens at least
     * @throws ArithmeticException if a logit is NaN or plus infinity, or all are minus infinity
     */
    public Distribution distribution(FloatMatrix logits, int row, int... text) {
        Candidates left = new Candidates();
        truncate(logits, row, text, left);
        left.normalize(temperature);
        left.keepPossible();
        return new Distribution(left.tokens(), left.probabilities());
    }

    /**
     * The token that a uniform number stands for: the same as {@code distribution(logits, row, text).draw(uniform)}.
     *
     * @param uniform in {@code [0, 1)}
     * @throws ArithmeticException if a logit is NaN or plus infinity, or all are minus infinity
     */
    public int sample(FloatMatrix logits, int row, double uniform, int... text) {
        return sample(logits, row, uniform, text, new Candidates());
    }

    int sample(FloatMatrix logits, int row, double uniform, int[] text, Candidates scratch) {
        if (isGreedy() && truncation.keepsMostProbable()) {
            return mostProbable(logits, row, text, scratch);
        }
        truncate(logits, row, text, scratch);
        return scratch.draw(temperature, uniform);
    }

    /** The most probable token after bias and penalties. */
    int mostProbable(FloatMatrix logits, int row, int[] text, Candidates scratch) {
        float[] adjusted = adjusted(logits, row, text, scratch);
        int offset = adjusted == logits.data() ? logits.offset(row) : 0;
        return Logits.argmax(adjusted, offset, logits.columns());
    }

    /**
     * Checks what only a vocabulary can tell.
     *
     * @throws IllegalArgumentException if a bias names a token outside of the vocabulary, or a penalty window has no
     *     penalty
     */
    public void check(int vocabularySize) {
        if (!adjustment.bias().isEmpty() && adjustment.bias().lastKey() >= vocabularySize) {
            throw new IllegalArgumentException("logitBias names token "
                    + adjustment.bias().lastKey() + ", but the model's vocabulary has " + vocabularySize + " tokens");
        }
        if (adjustment.givenWindow() > 0 && !adjustment.penalizes()) {
            throw new IllegalArgumentException("penaltyWindow(" + adjustment.givenWindow()
                    + ") has no penalty to act on: add a repetition, frequency or presence penalty or leave it out");
        }
    }

    @Override
    public String toString() {
        return "Sampler[temperature=" + temperature + ", " + adjustment + ", " + truncation + ", seed=" + seed + "]";
    }

    /** Leaves the candidates for the next token, before temperature. */
    private void truncate(FloatMatrix logits, int row, int[] text, Candidates candidates) {
        float[] adjusted = adjusted(logits, row, text, candidates);
        candidates.load(adjusted, adjusted == logits.data() ? logits.offset(row) : 0, logits.columns());
        truncation.apply(candidates);
    }

    /** The matrix's own array where nothing is adjusted, else a changed copy of the row. */
    private float[] adjusted(FloatMatrix logits, int row, int[] text, Candidates scratch) {
        if (adjustment.isNone()) {
            return logits.data();
        }
        float[] copy = scratch.copy(logits.data(), logits.offset(row), logits.columns());
        adjustment.apply(copy, text);
        return copy;
    }

    private Sampler with(LogitAdjustment changed) {
        return new Sampler(temperature, changed, truncation, seed);
    }

    private Sampler with(Truncation changed) {
        return new Sampler(temperature, adjustment, changed, seed);
    }

    private static void require(boolean holds, String option, Number got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(option + " is " + got + ": expected " + expected);
        }
    }
}
