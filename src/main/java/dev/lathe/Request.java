package dev.lathe;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.guard.Guard;
import dev.lathe.decode.guard.UsualAnswers;
import dev.lathe.serve.Tenant;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A request to an {@link Engine}: a prompt and options. Immutable; every method but {@link #submit} returns a changed
 * one, and that one submits it, as often as called. Greedy and autoregressive, of priority 0 and without a deadline,
 * unless chosen otherwise.
 */
public final class Request {
    private final Engine engine;
    private final Prompt prompt;
    private final RequestOptions options;

    Request(Engine engine, Prompt prompt) {
        this(engine, prompt, RequestOptions.DEFAULT);
    }

    private Request(Engine engine, Prompt prompt, RequestOptions options) {
        this.engine = engine;
        this.prompt = prompt;
        this.options = options;
    }

    private Request with(RequestOptions changed) {
        return new Request(engine, prompt, changed);
    }

    /** What is sampled. */
    public Request sampler(Sampler sampler) {
        return options(options().sampler(sampler));
    }

    /** How the tokens are computed. */
    public Request decoding(Decoding decoding) {
        return options(options().decoding(decoding));
    }

    /** The most tokens to generate. */
    public Request maxTokens(int tokens) {
        return options(options().maxTokens(tokens));
    }

    /** Texts that end the answer and are not part of it; in place of any given before. */
    public Request stop(String... stopStrings) {
        return options(options().stopStrings(List.of(stopStrings)));
    }

    /** Tells with each token its log-probability and so many alternatives, by the model's raw logits. */
    public Request logProbabilities(int alternatives) {
        return options(options().logProbabilities(alternatives));
    }

    /** What ends an answer that would go on for too long, and notes what tells unusual ones; in place of any before. */
    public Request guard(Guard guard) {
        return options(options().guard(Objects.requireNonNull(guard, "guard")));
    }

    /**
     * Guards it by what answers of its kind usually are, as that is known when it is submitted, in place of any guard
     * given before; and learns from it. The result's statistics tell the guard, with which it can be repeated.
     */
    public Request usual(UsualAnswers answers) {
        return with(options.usual(Objects.requireNonNull(answers, "usual answers")));
    }

    /** Who asks: the tenant's limits hold for all its requests together. */
    public Request tenant(Tenant tenant) {
        return with(options.tenant(Objects.requireNonNull(tenant, "tenant")));
    }

    /**
     * How much energy it may use, by its share of the rows of each pass; its finish reason is then {@code
     * ENERGY_LIMIT}. The engine must have an {@linkplain dev.lathe.serve.EngineOptions#energyMeter energy meter}.
     *
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public Request energyLimit(double joules) {
        if (!(joules > 0) || Double.isInfinite(joules)) {
            throw new IllegalArgumentException("energyLimit is " + joules + " joules: expected a positive number");
        }
        return with(options.joules(joules));
    }

    /** All options of the generation at once, in place of any given before. */
    public Request options(GenerationOptions all) {
        return with(options.generation(Objects.requireNonNull(all, "options")));
    }

    /**
     * Who comes first: a request is treated as one that came earlier, by the engine's head start times this number;
     * later if it is negative.
     */
    public Request priority(int level) {
        return with(options.priority(level));
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
        return with(options.deadline(time));
    }

    /**
     * Told each token as soon as it is there, on the request's own thread; a slow listener delays its own text alone,
     * an exception of it ends that text. In place of any given before.
     */
    public Request onToken(Consumer<Token> told) {
        return with(options.listener(Objects.requireNonNull(told, "listener")));
    }

    /** The options of the generation. */
    public GenerationOptions options() {
        return options.generation();
    }

    /**
     * Puts it into the engine's queue, and does not wait.
     *
     * @throws IllegalArgumentException if options cannot be combined, or not with this model, or the prompt has no
     *     tokens
     * @throws dev.lathe.model.ContextFullException if the prompt does not fit
     * @throws dev.lathe.serve.QueueFullException if too many requests wait
     * @throws dev.lathe.serve.TenantLimitException if its tenant has no more at the moment
     * @throws IllegalStateException if the engine is closed
     */
    public Answer submit() {
        return engine.submit(this);
    }

    Prompt prompt() {
        return prompt;
    }

    RequestOptions all() {
        return options;
    }
}
