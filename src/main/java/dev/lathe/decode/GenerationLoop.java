package dev.lathe.decode;

import dev.lathe.decode.guard.GuardedText;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;

/**
 * The loop around every strategy: evaluates the prompt, lets the strategy step, and decides token by token where the
 * generation ends. What a strategy committed beyond the end is truncated and the state rewound.
 *
 * <p>When it has ended, however it ended, the text is the prompt and the tokens delivered, and the state holds all of
 * that but the last token: the same for every strategy. One thread at a time, but for {@link #cancel}.
 */
public final class GenerationLoop implements AutoCloseable {
    private final LanguageModel model;
    private final EvaluatedText text;
    private final int[] prompt;
    private final GenerationOptions options;
    private final Detokenizer detokenizer;
    private final LongSupplier nanoTime;
    private final StopFilter stopFilter;
    private final GenerationEvents events = new GenerationEvents();
    private final ConstrainedText delivered;
    private final GuardedText guard;
    private final long seed;
    private final Queue<Token> ready = new ArrayDeque<>();
    private volatile FinishReason asked; // from outside: why it is to end
    private DecodingContext context;
    private Decoding.Run run;
    private FinishReason finishReason;
    private boolean ended;
    private int reusedTokens;
    private int deliveredTokens;
    private long startNanos;
    private long promptNanos;
    private long decodeNanos;
    private double startJoules;
    private double joules;
    private OptionalLong firstTokenNanos = OptionalLong.empty();

    /**
     * Checks everything that can be checked; evaluates nothing yet.
     *
     * @param text the text held so far; what it shares with the prompt is reused
     * @param prompt tokens to continue; cloned
     * @param detokenizer new for this generation
     * @param nanoTime a clock such as {@link System#nanoTime}
     * @throws IllegalArgumentException if options cannot be combined, or not with this model, or the prompt is empty,
     *     or the vocabulary has no token that the constraint allows first
     * @throws dev.lathe.model.ContextFullException if the prompt does not fit into the state
     */
    public GenerationLoop(
            LanguageModel model,
            EvaluatedText text,
            int[] prompt,
            GenerationOptions options,
            Detokenizer detokenizer,
            LongSupplier nanoTime) {
        options.sampler().check(model.vocabularySize());
        options.decoding().check(model, options.sampler());
        text.checkFits(prompt);
        this.model = model;
        this.text = text;
        this.prompt = prompt.clone();
        this.options = options;
        this.detokenizer = detokenizer;
        this.nanoTime = nanoTime;
        this.stopFilter = new StopFilter(options.stopStrings());
        this.delivered = ConstrainedText.of(options.constraint(), detokenizer, events.constraint());
        this.guard = GuardedText.of(options.guard(), model.vocabularySize(), detokenizer::isEndOfGeneration);
        this.seed = options.sampler().seed().orElseGet(() -> new SplittableRandom().nextLong());
    }

    /**
     * The next token; empty when the generation has ended. The first call evaluates the prompt.
     *
     * <p>If the model or the strategy fails, the generation ends, the text is what was delivered, and the exception
     * passes on.
     */
    public Optional<Token> next() {
        if (ended) {
            return Optional.empty();
        }
        Optional<FinishReason> asked = asked();
        if (asked.isPresent()) {
            finishReason = asked.get();
            end();
            return Optional.empty();
        }
        try {
            if (ready.isEmpty()) {
                produce();
            }
        } catch (CancellationException stopped) {
            finishReason = asked().orElse(null);
            end();
            if (finishReason == null) {
                throw stopped;
            }
            return Optional.empty();
        } catch (RuntimeException | Error failure) {
            end();
            throw failure;
        }
        Optional<Token> token = Optional.ofNullable(ready.poll());
        deliveredTokens += token.isPresent() ? 1 : 0;
        if (ready.isEmpty() && finishReason != null) {
            end();
        }
        return token;
    }

    /**
     * Asks for the end: within the prompt before the next layer, after it as soon as the pass under way is done. From
     * any thread; interrupting the loop's thread does the same.
     */
    public void cancel() {
        end(FinishReason.CANCELLED);
    }

    /** Asks for the end as {@link #cancel} does, for a reason of the caller's; the first reason counts. */
    public synchronized void end(FinishReason reason) {
        asked = asked == null ? reason : asked;
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        return ended;
    }

    /** Why it ended; empty while it has not, or if it failed. */
    public Optional<FinishReason> finishReason() {
        return ended ? Optional.ofNullable(finishReason) : Optional.empty();
    }

    /** What was done so far. */
    public GenerationStatistics statistics() {
        String strategy = options.decoding().name();
        return new GenerationStatistics(
                prompt.length,
                reusedTokens,
                Duration.ofNanos(promptNanos),
                deliveredTokens,
                Duration.ofNanos(decodeNanos),
                firstTokenNanos.stream().mapToObj(Duration::ofNanos).findFirst(),
                options.energyLimit().isPresent() ? OptionalDouble.of(joules) : OptionalDouble.empty(),
                finishReason(),
                seed,
                run == null ? DecodingStatistics.none(strategy) : run.statistics(),
                guard.statistics(deliveredTokens));
    }

    /** Ends it, cancelled, if it has not ended yet. Not for another thread: that one calls {@link #cancel}. */
    @Override
    public void close() {
        if (!ended) {
            finishReason = FinishReason.CANCELLED;
            end();
        }
    }

    private void produce() {
        long begin = nanoTime.getAsLong();
        int accepted = text.length();
        if (context == null) {
            startNanos = begin;
            startJoules = options.energyLimit().isPresent()
                    ? options.energyLimit().get().meter().joules()
                    : 0;
            FloatMatrix logits = evaluatePrompt();
            promptNanos = nanoTime.getAsLong() - begin;
            if (logits == null) {
                return;
            }
            context = new DecodingContext(
                    model,
                    text,
                    options.sampler(),
                    seed,
                    options.maxTokens(),
                    options.logProbabilities(),
                    this::isCancelled,
                    nanoTime,
                    ConstrainedText.of(options.constraint(), detokenizer, events.constraint()),
                    guard);
            context.commit(logits, 0);
            accepted = prompt.length;
            firstTokenNanos = OptionalLong.of(nanoTime.getAsLong() - startNanos);
        } else {
            if (run == null) {
                run = options.decoding().start(context);
            }
            long draftsBefore = context.promptNanos();
            step();
            long draftsPrompt = context.promptNanos() - draftsBefore; // drafts evaluate the prompt when first asked
            promptNanos += draftsPrompt;
            decodeNanos += nanoTime.getAsLong() - begin - draftsPrompt;
        }
        Optional<FinishReason> interruption = interruption();
        for (int position = accepted; position < text.length() && finishReason == null; position++) {
            boolean last = position == text.length() - 1;
            accept(position, last ? interruption : Optional.empty());
        }
    }

    private FloatMatrix evaluatePrompt() {
        PromptEvent event = events.begin();
        reusedTokens = text.reuse(prompt);
        FloatMatrix logits = text.evaluate(prompt, this::isInterrupted, this::isCancelled, options.onPromptProgress());
        event.report(prompt.length, reusedTokens, logits != null);
        if (logits != null) {
            text.remember(); // for prompts that come while this one is answered
        }
        return logits;
    }

    private void step() {
        int before = text.length();
        run.step();
        if (text.length() <= before || text.state().length() != text.length() - 1) {
            throw new IllegalStateException(
                    "decoding strategy " + options.decoding().name() + " broke its contract: "
                            + before + " tokens became " + text.length() + ", of which the state holds "
                            + text.state().length() + "; expected at least one more, and all but the last held");
        }
    }

    /** Makes a committed token ready, and decides whether it is the last. */
    private void accept(int position, Optional<FinishReason> interruption) {
        int id = text.token(position);
        int index = position - prompt.length;
        String released = "";
        delivered.append(id);
        boolean isLoop = guard.isLoop(id);
        if (detokenizer.isEndOfGeneration(id)) {
            finishReason = FinishReason.END_OF_TEXT;
        } else if (context.isGivenUp() && position == text.length() - 1) {
            finishReason = FinishReason.GIVEN_UP;
        } else {
            released = stopFilter.accept(detokenizer.accept(id));
            if (stopFilter.stopped()) {
                finishReason = FinishReason.STOP_STRING;
            } else if (delivered.isFinished()) {
                finishReason = FinishReason.END_OF_TEXT;
            } else if (index + 1 == options.maxTokens()) {
                finishReason = FinishReason.MAX_TOKENS;
            } else if (position == text.state().capacity()) {
                finishReason = FinishReason.CONTEXT_FULL;
            } else if (guard.isFull(index + 1)) {
                finishReason = FinishReason.LENGTH_BUDGET;
            } else if (isLoop) {
                finishReason = FinishReason.LOOP;
            } else {
                finishReason = interruption.orElse(null);
            }
        }
        if (finishReason != null) {
            released += stopFilter.accept(detokenizer.finish()) + stopFilter.finish();
        }
        List<TokenProbability> noted = context.probabilities(index);
        ready.add(
                noted.isEmpty()
                        ? new Token(id, released, index, OptionalDouble.empty(), List.of())
                        : new Token(
                                id,
                                released,
                                index,
                                OptionalDouble.of(noted.getFirst().logProbability()),
                                noted.subList(1, noted.size())));
    }

    /** Leaves the text as the prompt, or what was evaluated of it, and the tokens delivered. */
    private void end() {
        ended = true;
        ready.clear();
        if (context != null) {
            text.truncate(Math.min(text.length(), prompt.length + deliveredTokens));
            text.rewindState(text.length() - 1);
        } else {
            text.rewindState(text.length());
        }
        if (run != null) {
            run.close();
        }
        events.end(this::statistics, delivered);
        if (finishReason != null) {
            text.remember();
        }
    }

    private boolean isCancelled() {
        return asked().isPresent();
    }

    private Optional<FinishReason> asked() {
        return Thread.currentThread().isInterrupted()
                ? Optional.of(FinishReason.CANCELLED)
                : Optional.ofNullable(asked);
    }

    /** Before a batch of the prompt: where it must not go on, notes why. */
    private boolean isInterrupted() {
        finishReason = interruption().orElse(null);
        return finishReason != null;
    }

    /** What ends the generation from outside of its text. */
    private Optional<FinishReason> interruption() {
        Optional<FinishReason> outside = asked();
        if (outside.isPresent()) {
            return outside;
        }
        if (options.energyLimit().isPresent()) {
            EnergyLimit limit = options.energyLimit().get();
            joules = limit.meter().joules() - startJoules;
            if (joules >= limit.joules()) {
                return Optional.of(FinishReason.ENERGY_LIMIT);
            }
        }
        return options.timeLimit()
                .filter(limit ->
                        Duration.ofNanos(nanoTime.getAsLong() - startNanos).compareTo(limit) >= 0)
                .map(limit -> FinishReason.TIME_LIMIT);
    }
}
