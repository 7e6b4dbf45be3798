package dev.lathe;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A request to an {@link Engine}: a prompt and options. Immutable; every method but {@link #submit} returns a changed
 * one, and that one submits it, as often as called. Greedy and autoregressive, of priority 0 and without a deadline,
 * unless chosen otherwise.
 */
public final class Request {
    private final Engine engine;
    private final Prompt prompt;
    private final GenerationOptions options;
    private final int priority;
    private final Optional<Duration> deadline;
    private final Consumer<Token> listener;

    Request(Engine engine, Prompt prompt) {
        this(engine, prompt, GenerationOptions.DEFAULT, 0, Optional.empty(), token -> {});
    }

    private Request(
            Engine engine,
            Prompt prompt,
            GenerationOptions options,
            int priority,
            Optional<Duration> deadline,
            Consumer<Token> listener) {
        this.engine = engine;
        this.prompt = prompt;
        this.options = options;
        this.priority = priority;
        this.deadline = deadline;
        this.listener = listener;
    }

    /** What is sampled. */
    public Request sampler(Sampler sampler) {
        return options(options.sampler(sampler));
    }

    /** How the tokens are computed. */
    public Request decoding(Decoding decoding) {
        return options(options.decoding(decoding));
    }

    /** The most tokens to generate. */
    public Request maxTokens(int tokens) {
        return options(options.maxTokens(tokens));
    }

    /** Texts that end the answer and are not part of it; in place of any given before. */
    public Request stop(String... stopStrings) {
        return options(options.stopStrings(List.of(stopStrings)));
    }

    /** Tells with each token its log-probability and so many alternatives, by the model's raw logits. */
    public Request logProbabilities(int alternatives) {
        return options(options.logProbabilities(alternatives));
    }

    /** All options of the generation at once, in place of any given before. */
    public Request options(GenerationOptions all) {
        return new Request(engine, prompt, Objects.requireNonNull(all, "options"), priority, deadline, listener);
    }

    /**
     * Who comes first: a request is treated as one that came earlier, by the engine's head start times this number;
     * later if it is negative.
     */
    public Request priority(int level) {
        return new Request(engine, prompt, options, level, deadline, listener);
    }

    /**
     * How long it may take from now on that it is submitted, the queue included. When that time is over, the answer is
     * what was generated until then, perhaps nothing, and its finish reason is {@code TIME_LIMIT}.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Request deadline(Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException("deadline is " + time + ": expected a positive duration");
        }
        return new Request(engine, prompt, options, priority, Optional.of(time), listener);
    }

    /**
     * Told each token as soon as it is there, on the request's own thread; a slow listener delays its own text alone,
     * an exception of it ends that text. In place of any given before.
     */
    public Request onToken(Consumer<Token> told) {
        return new Request(engine, prompt, options, priority, deadline, Objects.requireNonNull(told, "listener"));
    }

    /** The options of the generation. */
    public GenerationOptions options() {
        return options;
    }

    /**
     * Puts it into the engine's queue, and does not wait.
     *
     * @throws IllegalArgumentException if options cannot be combined, or not with this model, or the prompt has no
     *     tokens
     * @throws dev.lathe.model.ContextFullException if the prompt does not fit
     * @throws dev.lathe.serve.QueueFullException if too many requests wait
     * @throws IllegalStateException if the engine is closed
     */
    public Answer submit() {
        return engine.submit(this);
    }

    Prompt prompt() {
        return prompt;
    }

    int priority() {
        return priority;
    }

    Optional<Duration> deadline() {
        return deadline;
    }

    Consumer<Token> listener() {
        return listener;
    }
}
