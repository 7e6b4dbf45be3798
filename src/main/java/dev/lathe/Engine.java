package dev.lathe;

import dev.lathe.chat.ChatOptions;
import dev.lathe.decode.EnergyLimit;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Token;
import dev.lathe.decode.guard.UsualAnswers;
import dev.lathe.figures.Stopwatch;
import dev.lathe.serve.Admission;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.SharedModel;
import dev.lathe.serve.Tenant;
import dev.lathe.serve.TextLease;
import dev.lathe.serve.TextPool;
import dev.lathe.text.ChatMessage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Answers many requests at once: the rows of all texts go through the model together. Every answer is the one that it
 * would be alone, to the bit, whatever the others ask, whichever strategies they use, and whenever they come and go.
 *
 * <p>Requests come from any thread, to a bounded queue. Each runs on a virtual thread of its own; one thread of the
 * engine evaluates the passes that they wait for. A request of a higher priority is treated as one that came earlier,
 * so every one has its turn. Thread-safe; closed before its model.
 *
 * <pre>{@code
 * try (Model model = Model.load(file); Engine engine = model.engine()) {
 *     Answer first = engine.generate("public static int max(").maxTokens(64).submit();
 *     Answer second = engine.generate("public static int min(").priority(1).submit();
 *     second.forEach(token -> System.out.print(token.text()));
 *     System.out.println(first.result().text());
 * }
 * }</pre>
 */
public final class Engine implements AutoCloseable {
    private static final Stopwatch CLOCK = Stopwatch.system();

    private final Model model;
    private final EngineOptions options;
    private final SharedModel shared;
    private final Model sharedModel;
    private final Admission admission;
    private final TextPool pool;
    private final int contextLength;
    private final Set<Answer> live = ConcurrentHashMap.newKeySet();
    private final LongAdder refused = new LongAdder();
    private final LongAdder completed = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder guarded = new LongAdder();
    private final LongAdder unusual = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder waitedNanos = new LongAdder();
    private boolean closed; // guarded by live

    Engine(Model model, EngineOptions options) {
        this.model = model;
        this.options = options;
        this.contextLength = options.contextLength() == 0 ? model.contextLength() : options.contextLength();
        this.shared = SharedModel.of(model.languageModel(), options);
        this.sharedModel = model.sharing(shared);
        this.admission = new Admission(options.texts(), options.queueCapacity());
        this.pool = new TextPool(shared, contextLength, options.cacheType(), options.idleTexts(), model.prefixes());
    }

    /** A request to continue a text, as {@link Session#generate(String)} does; nothing runs before it is submitted. */
    public Request generate(String prompt) {
        return generate(model.tokenizer().encodePrompt(Objects.requireNonNull(prompt, "prompt")));
    }

    /** A request to continue these tokens exactly as given; nothing runs before it is submitted. */
    public Request generate(int... prompt) {
        return new Request(
                this, Prompt.of(Objects.requireNonNull(prompt, "prompt").clone()));
    }

    /**
     * A request for what stands between a beginning and an end, as {@link Session#fillInMiddle} writes it; nothing runs
     * before it is submitted.
     *
     * @throws UnsupportedOperationException if the model's file has no tokens that ask for a middle
     */
    public Request fillInMiddle(String before, String after) {
        return new Request(this, Prompt.of(model.fillInMiddlePrompt(before, after)));
    }

    /**
     * A request to answer a conversation, laid out by the model's own template; nothing runs before it is submitted.
     *
     * @throws IllegalStateException if the model's file has no chat template
     * @throws dev.lathe.text.template.TemplateException if the template refuses the conversation
     */
    public Request chat(List<ChatMessage> messages) {
        return chat(messages, ChatOptions.DEFAULT);
    }

    /** A request as {@link Session#chat(List, ChatOptions)} answers it; nothing runs before it is submitted. */
    public Request chat(List<ChatMessage> messages, ChatOptions chatOptions) {
        return new Request(
                this,
                ChatPrompt.of(model)
                        .prompt(
                                Objects.requireNonNull(messages, "messages"),
                                Objects.requireNonNull(chatOptions, "options")));
    }

    /** A session whose passes are evaluated with those of the engine's requests; it takes no place among them. */
    public Session newSession() {
        return newSession(SessionOptions.DEFAULT);
    }

    /**
     * A session whose passes are evaluated with those of the engine's requests; it takes no place among them. The
     * caller closes it before the engine.
     *
     * @throws IllegalArgumentException if more context is asked for than the model was made for
     */
    public Session newSession(SessionOptions options) {
        return sharedModel.newSession(options);
    }

    /** The model that answers. */
    public Model model() {
        return model;
    }

    /** The most tokens of a text, prompt and answer together. */
    public int contextLength() {
        return contextLength;
    }

    /** What was done so far, and what is under way. */
    public EngineStatistics statistics() {
        return new EngineStatistics(
                admission.waiting(),
                admission.running(),
                refused.sum(),
                completed.sum(),
                cancelled.sum(),
                expired.sum(),
                guarded.sum(),
                unusual.sum(),
                failed.sum(),
                Duration.ofNanos(waitedNanos.sum()),
                pool.idleTexts(),
                pool.idlePositions(),
                pool.reusedTexts(),
                model.prefixStatistics(),
                shared.statistics(),
                shared.cacheStatistics());
    }

    /** Refuses new requests and waits until all others have their answers. Not from a listener of an answer. */
    public void drain() {
        synchronized (live) {
            closed = true;
        }
        live.forEach(Answer::awaitEnd);
    }

    /**
     * Refuses new requests, cancels all others, waits for their ends and frees the memory. Sessions of this engine must
     * not be used afterwards. Not from a listener of an answer.
     */
    @Override
    public void close() {
        synchronized (live) {
            closed = true;
        }
        live.forEach(Answer::cancel);
        live.forEach(Answer::awaitEnd);
        shared.close();
        pool.close();
    }

    Answer submit(Request request) {
        RequestOptions asked = request.all();
        GenerationOptions given = request.prompt().constrained(asked.generation());
        GenerationOptions generation =
                asked.usual().map(usual -> given.guard(usual.guard())).orElse(given);
        int[] prompt = request.prompt().tokens();
        model.checkTokens(prompt);
        EvaluatedText.checkFits(prompt, contextLength);
        generation.sampler().check(shared.vocabularySize());
        generation.decoding().check(shared, generation.sampler());
        checkMeter(asked);
        long now = CLOCK.nanos();
        long rank = now - asked.priority() * options.headStart().toNanos();
        Answer answer;
        synchronized (live) {
            if (closed) {
                throw new IllegalStateException("the engine is closed: it takes no more requests");
            }
            answer = enter(request, generation, rank);
            live.add(answer);
        }
        long deadline = asked.deadline().map(time -> now + time.toNanos()).orElse(Long.MAX_VALUE);
        Thread.ofVirtual().name("lathe-request").start(() -> run(request, generation, answer, now, rank, deadline));
        return answer;
    }

    private void checkMeter(RequestOptions asked) {
        boolean isLimited = asked.joules().isPresent()
                || asked.tenant()
                        .filter(tenant -> Double.isFinite(tenant.limits().mostJoules()))
                        .isPresent();
        if (isLimited && options.energyMeter().isEmpty()) {
            throw new IllegalArgumentException(
                    "the request is limited in joules, but this engine does not measure them:"
                            + " give it EngineOptions.energyMeter(EnergyMeter.ofMachine())");
        }
    }

    /** Reserves the tenant's share and a place in the queue, or neither. */
    private Answer enter(Request request, GenerationOptions generation, long rank) {
        Optional<Tenant.Share> share = Optional.empty();
        try {
            long most = mostTokens(request.prompt().tokens().length, generation);
            share = request.all().tenant().map(tenant -> tenant.reserve(most));
            return new Answer(admission.enter(rank), request.prompt(), share);
        } catch (IllegalStateException refusal) {
            refused.increment();
            share.ifPresent(reserved -> reserved.end(0));
            new EngineRequestEvent().refused(request);
            throw refusal;
        }
    }

    /** Tokens of a prompt and its longest answer. */
    private long mostTokens(int promptTokens, GenerationOptions generation) {
        int longest = generation
                .guard()
                .lengthBudget()
                .map(budget -> Math.min(budget.hardTokens(), generation.maxTokens()))
                .orElse(generation.maxTokens());
        return Math.min(contextLength + 1L, (long) promptTokens + longest);
    }

    private void run(
            Request request, GenerationOptions generation, Answer answer, long submitted, long rank, long deadline) {
        EngineRequestEvent event = new EngineRequestEvent();
        event.begin();
        GenerationResult result = null;
        Throwable failure = null;
        boolean began = false;
        try {
            Admission.Entry entry = answer.place().await(deadline);
            long waited = CLOCK.nanos() - submitted;
            waitedNanos.add(waited);
            event.leftQueue(waited);
            if (entry == Admission.Entry.ADMITTED) {
                try {
                    began = true;
                    result = generate(request, generation, answer, rank, deadline);
                } finally {
                    answer.place().leave();
                }
            } else {
                result = GenerationResult.unstarted(
                        request.prompt().tokens().length,
                        request.options().decoding().name(),
                        entry == Admission.Entry.EXPIRED ? FinishReason.TIME_LIMIT : FinishReason.CANCELLED);
            }
            count(result, request.all().usual());
        } catch (RuntimeException | Error thrown) {
            failure = thrown;
            failed.increment();
        }
        long used = began ? request.prompt().tokens().length + answer.tokens().size() : 0;
        answer.share().ifPresent(share -> share.end(used));
        event.report(request, result);
        answer.end(result, failure);
        live.remove(answer);
    }

    private void count(GenerationResult result, Optional<UsualAnswers> usual) {
        FinishReason reason = result.finishReason();
        switch (reason) {
            case CANCELLED -> cancelled.increment();
            case TIME_LIMIT -> expired.increment();
            default -> completed.increment();
        }
        if (reason == FinishReason.LENGTH_BUDGET
                || reason == FinishReason.LOOP
                || reason == FinishReason.ENERGY_LIMIT) {
            guarded.increment();
        }
        boolean endedByItself = reason == FinishReason.END_OF_TEXT || reason == FinishReason.STOP_STRING;
        result.stats().guard().ifPresent(noted -> {
            if (noted.isUnusual()) {
                unusual.increment();
            }
            usual.ifPresent(learning -> learning.observe(noted, result.tokens().size(), endedByItself));
        });
    }

    private GenerationResult generate(
            Request request, GenerationOptions options, Answer answer, long rank, long deadline) {
        int[] prompt = request.prompt().tokens();
        try (TextLease lease = pool.take(prompt, rank, () -> isOver(answer, deadline))) {
            GenerationLoop loop = new GenerationLoop(
                    shared,
                    lease.text(),
                    prompt,
                    limited(options, request.all(), lease, deadline).onPromptProgress((evaluated, all) -> {
                        lease.evaluated(evaluated);
                        charge(answer, lease);
                        lease.away(() -> options.onPromptProgress().evaluated(evaluated, all));
                    }),
                    new SessionText(model, prompt),
                    CLOCK.nanoTime());
            answer.attach(loop);
            try (loop) {
                for (Optional<Token> token = loop.next(); token.isPresent(); token = loop.next()) {
                    Token next = token.get();
                    answer.add(next);
                    lease.evaluated(prompt.length);
                    charge(answer, lease);
                    lease.away(() -> request.all().listener().accept(next));
                }
            } finally {
                charge(answer, lease);
            }
            GenerationResult result = GenerationResult.of(
                    request.prompt(), answer.tokens(), loop.finishReason().orElseThrow(), loop.statistics());
            lease.giveBack();
            return result;
        }
    }

    /** Whether an answer that waits, for another text or for memory, is to wait no longer. */
    private static boolean isOver(Answer answer, long deadline) {
        boolean isLate = CLOCK.nanos() >= deadline;
        if (isLate) {
            answer.stop(FinishReason.TIME_LIMIT);
        }
        return isLate || answer.isCancelled();
    }

    /** Charges the tenant for the energy of the last passes, and ends what it has none for. */
    private static void charge(Answer answer, TextLease lease) {
        answer.share().ifPresent(share -> {
            share.spend(lease.newJoules());
            if (share.isOverdrawn()) {
                answer.stop(FinishReason.ENERGY_LIMIT);
            }
        });
    }

    private static GenerationOptions limited(
            GenerationOptions options, RequestOptions asked, TextLease lease, long deadline) {
        GenerationOptions timed = untilDeadline(options, deadline);
        return asked.joules().isPresent()
                ? timed.energyLimit(new EnergyLimit(asked.joules().getAsDouble(), lease::joules))
                : timed;
    }

    private static GenerationOptions untilDeadline(GenerationOptions options, long deadline) {
        if (deadline == Long.MAX_VALUE) {
            return options;
        }
        Duration left = Duration.ofNanos(Math.max(1, deadline - CLOCK.nanos()));
        boolean isSooner =
                options.timeLimit().filter(limit -> limit.compareTo(left) <= 0).isPresent();
        return isSooner ? options : options.timeLimit(left);
    }
}
