package dev.lathe.decode;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.guard.Guard;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that can be chosen about a generation. Immutable and thread-safe; each method named after a component
 * returns changed options.
 *
 * @param sampler what is sampled
 * @param decoding how it is computed
 * @param maxTokens the most tokens to generate
 * @param stopStrings texts that end the generation; none of them empty
 * @param timeLimit how long it may take, from the start of the prompt's evaluation
 * @param energyLimit how much energy it may use
 * @param logProbabilities how many alternatives to tell with each token and its log-probability, or {@link
 *     #NO_LOG_PROBABILITIES}
 * @param onPromptProgress told after each batch of the prompt
 * @param constraint which texts may be generated; empty for any
 * @param guard what ends texts that would go on for too long
 */
public record GenerationOptions(
        Sampler sampler,
        Decoding decoding,
        int maxTokens,
        List<String> stopStrings,
        Optional<Duration> timeLimit,
        Optional<EnergyLimit> energyLimit,
        int logProbabilities,
        PromptProgress onPromptProgress,
        Optional<Constraint> constraint,
        Guard guard) {
    /** No log-probabilities. */
    public static final int NO_LOG_PROBABILITIES = -1;

    /** Greedy and autoregressive, until the model ends the text or the context is full. */
    public static final GenerationOptions DEFAULT = new GenerationOptions(
            Sampler.greedy(),
            Decoding.autoregressive(),
            Integer.MAX_VALUE,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            NO_LOG_PROBABILITIES,
            (evaluatedTokens, promptTokens) -> {},
            Optional.empty(),
            Guard.NONE);

    /** Checks each component. */
    public GenerationOptions {
        Objects.requireNonNull(sampler, "sampler");
        Objects.requireNonNull(decoding, "decoding");
        Objects.requireNonNull(onPromptProgress, "onPromptProgress");
        Objects.requireNonNull(constraint, "constraint");
        Objects.requireNonNull(guard, "guard");
        stopStrings = List.copyOf(stopStrings);
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        require(!stopStrings.contains(""), "stop", "\"\"", "texts that are not empty");
        require(
                timeLimit.isEmpty() || timeLimit.get().isPositive(),
                "timeLimit",
                timeLimit.map(Duration::toString).orElse(""),
                "a positive duration");
        require(logProbabilities >= NO_LOG_PROBABILITIES, "logProbabilities", logProbabilities, "at least 0");
    }

    /** With this sampler. */
    public GenerationOptions sampler(Sampler value) {
        return new GenerationOptions(
                value,
                decoding,
                maxTokens,
                stopStrings,
                timeLimit,
                energyLimit,
                logProbabilities,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With this strategy. */
    public GenerationOptions decoding(Decoding value) {
        return new GenerationOptions(
                sampler,
                value,
                maxTokens,
                stopStrings,
                timeLimit,
                energyLimit,
                logProbabilities,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With at most this many tokens. */
    public GenerationOptions maxTokens(int value) {
        return new GenerationOptions(
                sampler,
                decoding,
                value,
                stopStrings,
                timeLimit,
                energyLimit,
                logProbabilities,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With these stop strings in place of any before. */
    public GenerationOptions stopStrings(List<String> value) {
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                value,
                timeLimit,
                energyLimit,
                logProbabilities,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With this time limit. */
    public GenerationOptions timeLimit(Duration value) {
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                stopStrings,
                Optional.of(value),
                energyLimit,
                logProbabilities,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With this limit of energy. */
    public GenerationOptions energyLimit(EnergyLimit value) {
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                stopStrings,
                timeLimit,
                Optional.of(value),
                logProbabilities,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With log-probabilities and this many alternatives. */
    public GenerationOptions logProbabilities(int value) {
        require(value >= 0, "logProbabilities", value, "at least 0 alternatives");
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                stopStrings,
                timeLimit,
                energyLimit,
                value,
                onPromptProgress,
                constraint,
                guard);
    }

    /** With this listener. */
    public GenerationOptions onPromptProgress(PromptProgress value) {
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                stopStrings,
                timeLimit,
                energyLimit,
                logProbabilities,
                value,
                constraint,
                guard);
    }

    /** With texts that this constraint allows alone. */
    public GenerationOptions constraint(Constraint value) {
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                stopStrings,
                timeLimit,
                energyLimit,
                logProbabilities,
                onPromptProgress,
                Optional.of(value),
                guard);
    }

    /** With this guard. */
    public GenerationOptions guard(Guard value) {
        return new GenerationOptions(
                sampler,
                decoding,
                maxTokens,
                stopStrings,
                timeLimit,
                energyLimit,
                logProbabilities,
                onPromptProgress,
                constraint,
                value);
    }

    private static void require(boolean holds, String option, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(option + " is " + got + ": expected " + expected);
        }
    }
}
