package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.QueueFullException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
    private static final Law LAW = Law.hashed(3, 2, 8);
    private static final int CONTEXT = 120;

    private static ToyLanguageModel toy() {
        return new ToyLanguageModel(ToyModels.VOCABULARY, CONTEXT, LAW);
    }

    private static List<Decoding> decodings() {
        Draft wrong = Draft.model(new ToyLanguageModel(ToyModels.VOCABULARY, CONTEXT, Law.hashed(2, 3, 99)));
        Draft right = Draft.model(toy());
        return List.of(
                Decoding.autoregressive(),
                Decoding.autoregressive(),
                Decoding.speculative(Draft.ngram()),
                Decoding.speculative(wrong),
                Decoding.auto(Draft.ngram(), right),
                Decoding.recursiveSpeculative(right).branching(3, 2, 1),
                Decoding.specInfer(wrong, 2, 2));
    }

    private static Request request(Engine engine, Random random) {
        Sampler sampler =
                switch (random.nextInt(3)) {
                    case 0 -> Sampler.greedy();
                    case 1 -> Sampler.temperature(1).seed(random.nextInt(5));
                    default ->
                        Sampler.temperature(0.7f)
                                .topK(5)
                                .repetitionPenalty(1.2f)
                                .seed(random.nextInt(5));
                };
        List<Decoding> decodings = decodings();
        return engine.generate(ToyModels.prompt(random, 3, 100))
                .sampler(sampler)
                .decoding(decodings.get(random.nextInt(decodings.size())))
                .maxTokens(1 + random.nextInt(40))
                .stop("ab", "q")
                .priority(random.nextInt(3) - 1)
                .logProbabilities(random.nextInt(3));
    }

    /** Whatever the others ask, whenever they are cancelled, and however rows are divided among passes. */
    @Property(tries = 60)
    void everyAnswerIsTheOneThatItWouldBeAlone(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 24) int requests,
            @ForAll @IntRange(min = 1, max = 9) int texts,
            @ForAll @IntRange(max = 5) int idleTexts,
            @ForAll @IntRange(max = 2) int longestSeconds) {
        Random random = new Random(seed);
        Model model = ToyModels.of(toy());
        EngineOptions usual = EngineOptions.DEFAULT.texts(texts).idleTexts(idleTexts);
        EngineOptions options =
                switch (longestSeconds) {
                    case 0 -> usual.longestPass(Duration.ofNanos(1));
                    case 1 -> usual.longestPass(Duration.ofSeconds(1));
                    default -> usual;
                };
        try (Engine engine = model.engine(options)) {
            ToyModels.assertAllAsAlone(model, requests, 4, random, () -> request(engine, random));
            EngineStatistics statistics = engine.statistics();
            assertEquals(requests, statistics.ended());
            assertEquals(0, statistics.running() + statistics.waiting());
            assertTrue(statistics.idleTexts() <= idleTexts);
            assertTrue(statistics.passes().mostTexts() <= texts);
        }
    }

    @Test
    void textsShareTheirPasses() {
        ToyLanguageModel toy = toy();
        Semaphore passes = new Semaphore(0);
        toy.beforePass(passes::acquireUninterruptibly);
        try (Engine engine = ToyModels.of(toy).engine()) {
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                answers.add(engine.generate(i, 5).maxTokens(20).submit());
            }
            passes.release(1_000_000);
            answers.forEach(Answer::result);
            assertTrue(
                    engine.statistics().passes().mostTexts() > 1,
                    engine.statistics().toString());
        }
    }

    /** Requests with a pass that stands still until it is let go. */
    private static final class Standstill implements AutoCloseable {
        private final Semaphore passes = new Semaphore(0);
        private final Semaphore begun = new Semaphore(0);
        private final Engine engine;
        private final Answer first;

        Standstill(EngineOptions options) {
            ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, CONTEXT, Law.counting());
            toy.beforePass(() -> {
                begun.release();
                passes.acquireUninterruptibly();
            });
            engine = ToyModels.of(toy).engine(options);
            first = engine.generate(0).maxTokens(20).submit();
            begun.acquireUninterruptibly();
        }

        void goOn() {
            passes.release(1_000_000);
        }

        @Override
        public void close() {
            goOn();
            engine.close();
        }
    }

    @Test
    void aFullQueueRefusesAndSaysWhy() {
        try (Standstill still = new Standstill(EngineOptions.DEFAULT.texts(1).queueCapacity(2))) {
            Request request = still.engine.generate(1).maxTokens(2);
            Answer second = request.submit();
            Answer third = request.submit();
            QueueFullException full = assertThrows(QueueFullException.class, request::submit);
            assertEquals(2, full.waiting());
            assertTrue(full.getMessage().contains("queueCapacity"), full.getMessage());
            assertEquals(1, still.engine.statistics().refused());
            still.goOn();
            assertEquals(20, still.first.result().tokens().size());
            assertEquals(2, second.result().tokens().size());
            assertEquals(2, third.result().tokens().size());
        }
    }

    @Test
    void whoWaitsCanBeCancelledAndExpires() {
        try (Standstill still = new Standstill(EngineOptions.DEFAULT.texts(1))) {
            Answer cancelled = still.engine.generate(1).submit();
            cancelled.cancel();
            GenerationResult result = cancelled.result();
            assertEquals(FinishReason.CANCELLED, result.finishReason());
            assertEquals(List.of(), result.tokens());
            Answer late =
                    still.engine.generate(1).deadline(Duration.ofMillis(5)).submit();
            assertEquals(FinishReason.TIME_LIMIT, late.result().finishReason());
            EngineStatistics statistics = still.engine.statistics();
            assertEquals(1, statistics.running());
            assertEquals(1, statistics.cancelled());
            assertEquals(1, statistics.expired());
        }
    }

    @Test
    void whatRunsCanBeCancelledAndExpires() {
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, 100_000, Law.hashed(1, 1, 3));
        try (Engine engine = ToyModels.of(toy).engine()) {
            Sampler neverEnds = Sampler.greedy().logitBias(ToyModels.END, -1000);
            Answer endless = engine.generate(1).sampler(neverEnds).submit();
            Answer late = engine.generate(1)
                    .sampler(neverEnds)
                    .deadline(Duration.ofMillis(30))
                    .submit();
            endless.iterator().next();
            endless.cancel();
            assertEquals(FinishReason.CANCELLED, endless.result().finishReason());
            assertFalse(endless.result().tokens().isEmpty());
            assertEquals(FinishReason.TIME_LIMIT, late.result().finishReason());
        }
    }

    @Test
    void aHigherPriorityGoesFirstAndEqualOnesInTheirOrder() {
        EngineOptions longHeadStart = EngineOptions.DEFAULT.texts(1).headStart(Duration.ofHours(1));
        try (Standstill still = new Standstill(longHeadStart)) { // so long that a pause between two requests is none
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            List<Answer> answers = new ArrayList<>();
            int[] priorities = {0, 0, 2, -1, 1, 2};
            for (int i = 0; i < priorities.length; i++) {
                int number = i;
                answers.add(still.engine
                        .generate(1)
                        .maxTokens(1)
                        .priority(priorities[i])
                        .onToken(token -> order.add(number))
                        .submit());
            }
            still.goOn();
            answers.forEach(Answer::result);
            assertEquals(List.of(2, 5, 4, 0, 1, 3), order);
        }
    }

    @Test
    void whoFailsFailsAlone() {
        Law brittle = (path, row) -> {
            if (path[0] == 7) {
                throw new IllegalStateException("seven");
            }
            LAW.logits(path, row);
        };
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, CONTEXT, brittle);
        Model model = ToyModels.of(toy);
        try (Engine engine = model.engine()) {
            List<Answer> good = new ArrayList<>();
            List<Answer> bad = new ArrayList<>();
            Request request = engine.generate(3, 4, 5).maxTokens(30);
            RuntimeException thrown = new UnsupportedOperationException("no more");
            for (int i = 0; i < 5; i++) {
                good.add(request.submit());
                bad.add(engine.generate(7, 4, 5).submit());
                bad.add(request.onToken(token -> {
                            throw thrown;
                        })
                        .submit());
            }
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        "seven",
                        assertThrows(IllegalStateException.class, bad.get(2 * i)::result)
                                .getMessage());
                assertSame(thrown, assertThrows(UnsupportedOperationException.class, bad.get(2 * i + 1)::result));
                assertEquals(
                        ToyModels.alone(model, request).tokens(),
                        good.get(i).result().tokens());
            }
            assertEquals(10, engine.statistics().failed());
        }
    }

    @Test
    void whatCannotRunIsRefusedAtOnce() {
        try (Engine engine = ToyModels.of(toy()).engine()) {
            assertThrows(IllegalArgumentException.class, engine.generate()::submit);
            assertThrows(IllegalArgumentException.class, engine.generate(99)::submit);
            assertThrows(dev.lathe.model.ContextFullException.class, engine.generate(new int[CONTEXT + 1])::submit);
            assertThrows(
                    IllegalArgumentException.class,
                    engine.generate(1).sampler(Sampler.greedy().logitBias(99, 1))::submit);
            assertThrows(
                    IllegalArgumentException.class, () -> engine.generate(1).deadline(Duration.ZERO));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> ToyModels.of(toy()).engine(EngineOptions.DEFAULT.contextLength(CONTEXT + 1)));
    }

    @Test
    void sessionsRunWithTheRequests() {
        Model model = ToyModels.of(toy());
        try (Engine engine = model.engine();
                Session session = engine.newSession();
                Session alone = model.newSession()) {
            Request request = engine.generate("once upon a time").maxTokens(50);
            Answer answer = request.submit();
            for (String prompt : List.of("once upon", "once upon a time there", "then")) {
                assertEquals(
                        alone.generate(prompt).maxTokens(9).run().tokens(),
                        session.generate(prompt).maxTokens(9).run().tokens());
            }
            Generation samples = session.generate("and")
                    .sampler(Sampler.temperature(1).seed(3))
                    .maxTokens(9);
            assertEquals(
                    samples.samples(4).results().get(2).tokens(),
                    alone.generate("and")
                            .options(samples.options())
                            .samples(4)
                            .results()
                            .get(2)
                            .tokens());
            assertEquals(
                    ToyModels.alone(model, request).tokens(), answer.result().tokens());
        }
    }

    @Test
    void aPromptThatBeginsAsAnIdleTextReusesIt() {
        Model model = ToyModels.of(toy());
        try (Engine engine = model.engine()) {
            String opening = "a long opening that all of them share";
            Request first = engine.generate(opening + " one").maxTokens(4);
            Request second = engine.generate(opening + " two").maxTokens(4);
            first.submit().result();
            for (int i = 0; i < 2; i++) {
                GenerationResult answer = second.submit().result();
                assertTrue(answer.stats().reusedPromptTokens() >= opening.length());
                assertEquals(ToyModels.alone(model, second).tokens(), answer.tokens());
            }
            assertEquals(
                    ToyModels.alone(model, first).tokens(),
                    first.submit().result().tokens());
            assertEquals(3, engine.statistics().reusedTexts());
        }
    }

    @Test
    void draftsKeepTheirStateOverTheTurnsOfAConversation() {
        ToyLanguageModel draft = toy();
        Model model = ToyModels.of(toy());
        try (Engine engine = model.engine()) {
            int[] prompt = new Random(5).ints(60, 0, 28).toArray();
            Request first = engine.generate(prompt)
                    .sampler(Sampler.greedy().logitBias(ToyModels.END, -1000))
                    .decoding(Decoding.speculative(Draft.model(draft)))
                    .maxTokens(10);
            int[] answer = first.submit().result().tokenIds();
            long rows = draft.rows();
            int[] next = Arrays.copyOf(prompt, 60 + answer.length + 3);
            System.arraycopy(answer, 0, next, 60, answer.length);
            Request second = engine.generate(next).options(first.options());
            GenerationResult result = second.submit().result();
            assertTrue(draft.rows() - rows < 60, "the draft evaluates what is new of the prompt");
            assertEquals(ToyModels.alone(model, second).tokens(), result.tokens());
        }
    }

    /** The samples of one prompt go on from forks of it, however many run at once, and others that begin alike too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8})
    void samplesOfAPromptEvaluateItOnce(int texts) {
        ToyLanguageModel toy = toy();
        Model model = ToyModels.of(toy);
        int[] prompt = new Random(5).ints(100, 0, 28).toArray();
        try (Engine engine = model.engine(EngineOptions.DEFAULT.texts(texts).idleTexts(20))) {
            List<Request> requests = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                requests.add(engine.generate(prompt)
                        .sampler(Sampler.temperature(1)
                                .logitBias(ToyModels.END, -1000)
                                .seed(i))
                        .maxTokens(9));
            }
            List<Answer> answers = requests.stream().map(Request::submit).toList();
            List<GenerationResult> results =
                    answers.stream().map(Answer::result).toList();
            assertEquals(100 + 7 + 8 * 8, toy.rows(), "the prompt, its last token for each other sample, their tokens");
            assertEquals(7, engine.statistics().reusedTexts());
            for (int i = 0; i < 8; i++) {
                assertEquals(
                        ToyModels.alone(model, requests.get(i)).tokens(),
                        results.get(i).tokens());
            }
        }
    }

    @Test
    void whoWaitsForAPromptCanBeCancelledAndOutlivesItsEnd() {
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, 2000, LAW);
        Semaphore passes = new Semaphore(0);
        Semaphore begun = new Semaphore(0);
        toy.beforePass(() -> {
            begun.release();
            passes.acquireUninterruptibly();
        });
        Model model = ToyModels.of(toy);
        int[] prompt = new Random(5).ints(1500, 0, 28).toArray();
        try (Engine engine = model.engine()) {
            Request request = engine.generate(prompt).maxTokens(3);
            Answer first = request.submit();
            begun.acquireUninterruptibly();
            Answer second = request.submit();
            Answer third = request.submit();
            second.cancel();
            assertEquals(FinishReason.CANCELLED, second.result().finishReason());
            first.cancel();
            passes.release(1_000_000);
            assertEquals(FinishReason.CANCELLED, first.result().finishReason());
            assertEquals(
                    ToyModels.alone(model, request).tokens(), third.result().tokens());
        }
    }

    /** Which of two equal prompts is taken first is chance where both come at once. */
    @Test
    void aPromptWaitsForAnEqualOneOfALaterRank() throws InterruptedException {
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, 2000, LAW);
        Semaphore passes = new Semaphore(0);
        Semaphore begun = new Semaphore(0);
        toy.beforePass(() -> {
            begun.release();
            passes.acquireUninterruptibly();
        });
        int[] prompt = new Random(5).ints(100, 0, 28).toArray();
        try (Engine engine = ToyModels.of(toy).engine()) {
            Request request = engine.generate(prompt).maxTokens(1);
            Answer later = request.submit();
            begun.acquireUninterruptibly();
            Answer urgent = request.priority(1).submit();
            while (engine.statistics().running() < 2) {
                Thread.sleep(1);
            }
            passes.release(1_000_000);
            assertEquals(later.result().tokens(), urgent.result().tokens());
            assertEquals(100 + 1, toy.rows());
        }
    }

    /** A listener that takes long holds up nobody: what its text has evaluated already is shared meanwhile. */
    @Test
    void aPromptSharesWhatATextHasWhoseListenerIsBusy() throws InterruptedException {
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, 2000, LAW);
        int[] prompt = new Random(5).ints(100, 0, 28).toArray();
        Semaphore listening = new Semaphore(0);
        Semaphore goesOn = new Semaphore(0);
        try (Engine engine = ToyModels.of(toy).engine()) {
            Request request = engine.generate(prompt).maxTokens(1);
            Answer first = request.onToken(token -> {
                        listening.release();
                        goesOn.acquireUninterruptibly();
                    })
                    .submit();
            listening.acquire();
            Answer second = request.submit();
            assertEquals(1, second.result().tokens().size());
            assertFalse(first.hasEnded());
            goesOn.release();
            assertEquals(first.result().tokens(), second.result().tokens());
            assertEquals(100 + 1, toy.rows());
        }
    }

    @Test
    void readersGetAllTokensAtTheirOwnPace() {
        try (Engine engine = ToyModels.of(toy()).engine()) {
            Answer answer = engine.generate(1, 2).maxTokens(10).submit();
            List<Token> tokens = answer.result().tokens();
            List<Token> iterated = new ArrayList<>();
            answer.forEach(iterated::add);
            assertEquals(tokens, iterated);
            Reader reader = new Reader(answer.publisher());
            assertEquals(tokens, reader.all.join());
            Reader wrong = new Reader(answer.publisher(), 0);
            assertThrows(RuntimeException.class, wrong.all::join);
            assertEquals(tokens, answer.future().join().tokens());
        }
    }

    /** A subscriber that wants one token at a time. */
    private static final class Reader implements Flow.Subscriber<Token> {
        private final CompletableFuture<List<Token>> all = new CompletableFuture<>();
        private final List<Token> read = new ArrayList<>();
        private final long count;
        private Flow.Subscription subscription;

        Reader(Flow.Publisher<Token> publisher) {
            this(publisher, 1);
        }

        Reader(Flow.Publisher<Token> publisher, long count) {
            this.count = count;
            publisher.subscribe(this);
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            subscription.request(count);
        }

        @Override
        public void onNext(Token token) {
            read.add(token);
            subscription.request(count);
        }

        @Override
        public void onError(Throwable failure) {
            all.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            all.complete(read);
        }
    }

    @Test
    void closingEndsAllAnswersAndDrainingWaitsForThem() throws InterruptedException {
        Answer drained;
        try (Engine engine = ToyModels.of(toy()).engine(EngineOptions.DEFAULT.texts(1))) {
            engine.generate(1).maxTokens(9).submit();
            drained = engine.generate(1).maxTokens(9).submit();
            engine.drain();
            assertTrue(drained.hasEnded());
            assertThrows(IllegalStateException.class, engine.generate(1)::submit);
        }
        Standstill still = new Standstill(EngineOptions.DEFAULT.texts(1));
        Answer waiting = still.engine.generate(1).submit();
        Thread closing = Thread.ofPlatform().start(still.engine::close);
        assertEquals(FinishReason.CANCELLED, waiting.result().finishReason());
        still.goOn();
        closing.join();
        assertTrue(still.first.hasEnded());
    }
}
