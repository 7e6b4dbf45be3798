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
        Copy copy = new Copy(this);
        copy.sampler = value;
        return copy.options();
    }

    /** With this strategy. */
    public GenerationOptions decoding(Decoding value) {
        Copy copy = new Copy(this);
        copy.decoding = value;
        return copy.options();
    }

    /** With at most this many tokens. */
    public GenerationOptions maxTokens(int value) {
        Copy copy = new Copy(this);
        copy.maxTokens = value;
        return copy.options();
    }

    /** With these stop strings in place of any before. */
    public GenerationOptions stopStrings(List<String> value) {
        Copy copy = new Copy(this);
        copy.stopStrings = value;
        return copy.options();
    }

    /** With this time limit. */
    public GenerationOptions timeLimit(Duration value) {
        Copy copy = new Copy(this);
        copy.timeLimit = Optional.of(value);
        return copy.options();
    }

    /** With this limit of energy. */
    public GenerationOptions energyLimit(EnergyLimit value) {
        Copy copy = new Copy(this);
        copy.energyLimit = Optional.of(value);
        return copy.options();
    }

    /** With log-probabilities and this many alternatives. */
    public GenerationOptions logProbabilities(int value) {
        require(value >= 0, "logProbabilities", value, "at least 0 alternatives");
        Copy copy = new Copy(this);
        copy.logProbabilities = value;
        return copy.options();
    }

    /** With this listener. */
    public GenerationOptions onPromptProgress(PromptProgress value) {
        Copy copy = new Copy(this);
        copy.onPromptProgress = value;
        return copy.options();
    }

    /** With texts that this constraint allows alone. */
    public GenerationOptions constraint(Constraint value) {
        Copy copy = new Copy(this);
        copy.constraint = Optional.of(value);
        return copy.options();
    }

    /** With this guard. */
    public GenerationOptions guard(Guard value) {
        Copy copy = new Copy(this);
        copy.guard = value;
        return copy.options();
    }

    /** The components, of which some are then changed. */
    private static final class Copy {
        private Sampler sampler;
        private Decoding decoding;
        private int maxTokens;
        private List<String> stopStrings;
        private Optional<Duration> timeLimit;
        private Optional<EnergyLimit> energyLimit;
        private int logProbabilities;
        private PromptProgress onPromptProgress;
        private Optional<Constraint> constraint;
        private Guard guard;

        Copy(GenerationOptions from) {
            sampler = from.sampler;
            decoding = from.decoding;
            maxTokens = from.maxTokens;
            stopStrings = from.stopStrings;
            timeLimit = from.timeLimit;
            energyLimit = from.energyLimit;
            logProbabilities = from.logProbabilities;
            onPromptProgress = from.onPromptProgress;
            constraint = from.constraint;
            guard = from.guard;
        }

        GenerationOptions options() {
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
                    guard);
        }
    }

    private static void require(boolean holds, String option, Object got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(option + " is " + got + ": expected " + expected);
        }
    }
}
