package dev.lathe;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.EnergyLimit;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.PromptProgress;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Uniforms;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.guard.Guard;
import dev.lathe.measure.EnergyMeter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A generation to be run: a prompt and options. Immutable; every method but {@link #stream}, {@link #run}, {@link
 * #text}, {@link #samples} and {@link #exportPrompt} returns a changed one, and these run it, as often as called. Greedy, autoregressive,
 * and until the model ends the text or the context is full, unless chosen otherwise.
 */
public final class Generation {
    private final Session session;
    private final Supplier<Prompt> prompt;
    private final GenerationOptions options;
    private final Consumer<GenerationResult> onEnd;

    Generation(Session session, Supplier<Prompt> prompt, GenerationOptions options, Consumer<GenerationResult> onEnd) {
        this.session = session;
        this.prompt = prompt;
        this.options = options;
        this.onEnd = onEnd;
    }

    /** What is sampled. */
    public Generation sampler(Sampler sampler) {
        return options(options.sampler(sampler));
    }

    /**
     * Which texts may be generated, such as JSON of a schema. The generation ends where the text is complete and
     * nothing may follow. One that ends for another reason, such as its maximum of tokens, leaves the beginning of such
     * a text. In a conversation it holds for what the model says, not for thinking that the prompt opens or for calls
     * of tools.
     */
    public Generation constrain(Constraint constraint) {
        return options(options.constraint(Objects.requireNonNull(constraint, "constraint")));
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
        for (String stopString : Objects.requireNonNull(stopStrings, "stopStrings")) {
            Objects.requireNonNull(stopString, "stop string");
        }
        return options(options.stopStrings(List.of(stopStrings)));
    }

    /** How long it may take, the prompt included; looked at after each batch of the prompt and each step. */
    public Generation timeLimit(Duration limit) {
        return options(options.timeLimit(Objects.requireNonNull(limit, "limit")));
    }

    /**
     * How much energy it may use, the prompt included, by this machine's own counters; looked at as the time is.
     *
     * @param joules energy of all programs on the machine while this one runs
     * @throws UnsupportedOperationException if the machine's energy cannot be read
     */
    public Generation energyLimit(double joules) {
        return options(options.energyLimit(new EnergyLimit(joules, EnergyMeter.ofMachine())));
    }

    /** How much energy it may use, the prompt included, by a meter of the caller's. */
    public Generation energyLimit(double joules, EnergyMeter meter) {
        return options(options.energyLimit(new EnergyLimit(joules, Objects.requireNonNull(meter, "meter"))));
    }

    /**
     * Tells with each token its log-probability and so many alternatives: log-softmax of the model's raw logits, before
     * any step of the sampler.
     */
    public Generation logProbabilities(int alternatives) {
        return options(options.logProbabilities(alternatives));
    }

    /** What ends texts that would go on for too long, and notes what tells unusual ones. */
    public Generation guard(Guard guard) {
        return options(options.guard(Objects.requireNonNull(guard, "guard")));
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
        Prompt given = prompt.get();
        return session.open(given, given.constrained(options), onEnd);
    }

    /** Runs it to its end; throws as {@link #stream} does. */
    public GenerationResult run() {
        try (TokenStream stream = stream()) {
            return stream.readAll();
        }
    }

    /**
     * Runs it several times: independent samples that share the prompt's keys and values. Sample i draws with a stream
     * of numbers of its own, derived from the sampler's seed and i, so a sample is the same however many are drawn.
     * Limits hold for each sample. Log-probabilities are told. A conversation takes no note of samples.
     *
     * <p>Autoregressive samples run side by side, a row of each in every pass, at most 32 at a time; each has the
     * session's whole context to itself. Other strategies, and generations whose energy is limited, run one after the
     * other. The time of a pass counts for each sample by its share.
     *
     * @param count at least 1
     * @throws IllegalArgumentException if the sampler is greedy, whose samples would all be the same; else as {@link
     *     #stream}
     */
    public Samples samples(int count) {
        return samples(count, SampleListener.NONE);
    }

    /**
     * Runs it several times as {@link #samples(int)} does, and tells a listener the tokens as they come, and each
     * sample at its end: to show them, to cancel one, or to stop at the first that will do. The result has the samples
     * that were begun.
     */
    public Samples samples(int count, SampleListener listener) {
        if (count < 1) {
            throw new IllegalArgumentException("samples is " + count + ": expected at least 1");
        }
        Sampler sampler = options.sampler();
        if (sampler.isGreedy()) {
            throw new IllegalArgumentException(
                    "samples of a greedy sampler are all the same: choose one with a temperature");
        }
        Prompt given = prompt.get();
        Uniforms numbers = new Uniforms(sampler.seed().orElseGet(() -> new SplittableRandom().nextLong()));
        GenerationOptions told =
                given.constrained(options.logProbabilities() >= 0 ? options : options.logProbabilities(0));
        List<GenerationOptions> samples = IntStream.range(0, count)
                .mapToObj(sample ->
                        told.sampler(sampler.seed(numbers.derived(sample).seed())))
                .toList();
        return new Samples(session.sample(given, samples, Objects.requireNonNull(listener, "listener")));
    }

    /**
     * Evaluates the prompt alone and sends it with its keys and values, layer by layer while the next layers are
     * computed, to a session that {@linkplain Session#importPrompt imports} it and generates: machines that are good at
     * prompts and machines that are good at tokens can share the work. Options do not matter here; this session holds the
     * prompt afterwards. Patel et al., "Splitwise: Efficient Generative LLM Inference Using Phase Splitting", 2023,
     * arXiv 2311.18677.
     *
     * @param target written to by another thread until this returns; stays the caller's
     * @throws IOException if the channel fails; the session holds what was evaluated
     * @throws dev.lathe.model.ContextFullException if the prompt does not fit
     * @throws IllegalArgumentException if the prompt has no tokens
     */
    public PromptExport exportPrompt(WritableByteChannel target) throws IOException {
        return session.exportPrompt(prompt.get().tokens(), target);
    }

    /** Runs it to its end and gives the text alone; throws as {@link #stream} does. */
    public String text() {
        return run().text();
    }
}
