package dev.lathe;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.PromptProgress;
import dev.lathe.decode.Sampler;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A generation to be run: a prompt and options. Immutable; every method but {@link #stream}, {@link #run} and {@link
 * #text} returns a changed one, and these three run it, as often as called. Greedy, autoregressive, and until the model
 * ends the text or the context is full, unless chosen otherwise.
 */
public final class Generation {
    private final Session session;
    private final Supplier<int[]> prompt;
    private final GenerationOptions options;
    private final Consumer<GenerationResult> onEnd;

    Generation(Session session, Supplier<int[]> prompt, GenerationOptions options, Consumer<GenerationResult> onEnd) {
        this.session = session;
        this.prompt = prompt;
        this.options = options;
        this.onEnd = onEnd;
    }

    /** What is sampled. */
    public Generation sampler(Sampler sampler) {
        return options(options.sampler(sampler));
    }

    /** How the tokens are computed. */
    public Generation decoding(Decoding decoding) {
        return options(options.decoding(decoding));
    }

    /** The most tokens to generate. */
    public Generation maxTokens(int tokens) {
        return options(options.maxTokens(tokens));
    }

    /** Texts that end the generation and are not part of it; in place of any given before. */
    public Generation stop(String... stopStrings) {
        return options(options.stopStrings(List.of(stopStrings)));
    }

    /** How long it may take, the prompt included; looked at after each batch of the prompt and each step. */
    public Generation timeLimit(Duration limit) {
        return options(options.timeLimit(limit));
    }

    /**
     * Tells with each token its log-probability and so many alternatives: log-softmax of the model's raw logits, before
     * any step of the sampler.
     */
    public Generation logProbabilities(int alternatives) {
        return options(options.logProbabilities(alternatives));
    }

    /** A listener told after each batch of the prompt, on the reading thread. */
    public Generation onPromptProgress(PromptProgress listener) {
        return options(options.onPromptProgress(listener));
    }

    /** All options at once, in place of any given before. */
    public Generation options(GenerationOptions all) {
        return new Generation(session, prompt, all, onEnd);
    }

    /** The options. */
    public GenerationOptions options() {
        return options;
    }

    /**
     * Starts it; the prompt is evaluated when the first token is asked for. The session is taken until the stream has
     * ended or is closed: read it in a try statement, or with {@link TokenStream#forEach}, which closes it.
     *
     * @throws IllegalArgumentException if options cannot be combined, or not with this model, or the prompt has no
     *     tokens
     * @throws dev.lathe.model.ContextFullException if the prompt does not fit; the session is unchanged
     * @throws IllegalStateException if another stream of the session is open, or the session is closed
     */
    public TokenStream stream() {
        return session.open(prompt.get(), options, onEnd);
    }

    /** Runs it to its end; throws as {@link #stream} does. */
    public GenerationResult run() {
        try (TokenStream stream = stream()) {
            return stream.readAll();
        }
    }

    /** Runs it to its end and gives the text alone; throws as {@link #stream} does. */
    public String text() {
        return run().text();
    }
}
