package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SessionTest {
    private final Model hashed = ToyModels.of(ToyLanguageModel.Law.hashed(5, 3, 9));
    private final Model counting = ToyModels.of(ToyLanguageModel.Law.counting());

    @Test
    void theShortestProgramPrintsTheText() {
        StringBuilder printed = new StringBuilder();
        try (Session session = counting.newSession()) {
            session.generate("abc").maxTokens(4).stream().forEach(token -> printed.append(token.text()));
            assertEquals("defg", printed.toString());
            assertEquals("hi", session.generate("g").maxTokens(2).text());
        }
    }

    @Test
    void aResultHoldsTextTokensAndReason() {
        try (Session session = counting.newSession()) {
            GenerationResult result =
                    session.generate("x").logProbabilities(1).stop("zz").run();
            assertEquals("yz \n", result.text());
            assertArrayEquals(
                    new int[] {24, 25, 26, 27, ToyModels.USER, ToyModels.ASSISTANT, ToyModels.END}, result.tokenIds());
            assertEquals(FinishReason.END_OF_TEXT, result.finishReason());
            assertEquals(7, result.stats().generatedTokens());
            assertEquals(1, result.tokens().getFirst().alternatives().size());
        }
    }

    @Test
    void namesOfControlTokensInAPromptAreText() {
        try (Session session = counting.newSession()) {
            session.generate("a<|end|>").maxTokens(1).run();
            assertFalse(contains(session.tokens(), ToyModels.END));
        }
    }

    @Test
    void aModelThatKnowsNoMiddleSaysSo() {
        try (Session session = counting.newSession();
                Engine engine = counting.engine()) {
            assertTrue(counting.fillInMiddle().isEmpty());
            String message = assertThrows(UnsupportedOperationException.class, () -> session.fillInMiddle("a", "c"))
                    .getMessage();
            assertTrue(message.contains("tokenizer.ggml.fim_pre_token_id"), message);
            assertThrows(UnsupportedOperationException.class, () -> engine.fillInMiddle("a", "c"));
        }
    }

    @Test
    void aMiddleIsWrittenBetweenABeginningAndAnEnd() {
        Model filling = ToyModels.of(
                ToyModels.metadata()
                        .uint32("tokenizer.ggml.fim_pre_token_id", 23)
                        .uint32("tokenizer.ggml.fim_suf_token_id", 24)
                        .uint32("tokenizer.ggml.fim_mid_token_id", 2)
                        .build(),
                200,
                ToyLanguageModel.Law.counting());
        try (Session session = filling.newSession();
                Engine engine = filling.engine()) {
            assertEquals("de", session.fillInMiddle("ab", "q").maxTokens(2).text());
            assertArrayEquals(new int[] {23, 0, 1, 24, 16, 2, 3, 4}, session.tokens());
            assertEquals(
                    "de",
                    engine.fillInMiddle("ab", "q")
                            .maxTokens(2)
                            .submit()
                            .result()
                            .text());
        }
    }

    private static boolean contains(int[] tokens, int wanted) {
        for (int token : tokens) {
            if (token == wanted) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aStreamLeftEarlyIsCancelledAndGivesTheSessionBack() {
        try (Session session = counting.newSession()) {
            TokenStream stream = session.generate("a").stream();
            Iterator<Token> tokens = stream.iterator();
            tokens.next();
            tokens.next();
            assertEquals(Optional.empty(), stream.finishReason());
            stream.close();
            assertFalse(tokens.hasNext());
            assertEquals(Optional.of(FinishReason.CANCELLED), stream.finishReason());
            assertEquals(2, stream.stats().generatedTokens());
            assertArrayEquals(new int[] {0, 1, 2}, session.tokens());
        }
    }

    @Test
    void anActionThatThrowsClosesTheStream() {
        try (Session session = counting.newSession()) {
            TokenStream stream = session.generate("a").stream();
            assertThrows(
                    ArithmeticException.class,
                    () -> stream.forEach(token -> {
                        throw new ArithmeticException();
                    }));
            assertArrayEquals(new int[] {0, 1}, session.tokens());
        }
    }

    @Test
    void aStreamIsReadOnce() {
        try (Session session = counting.newSession()) {
            TokenStream stream = session.generate("w").stream();
            stream.forEach(token -> {});
            assertThrows(IllegalStateException.class, stream::iterator);
        }
    }

    @Test
    void anOpenStreamKeepsTheSessionToItself() {
        try (Session session = counting.newSession();
                TokenStream stream = session.generate("a").stream()) {
            Session.Snapshot snapshot;
            try (Session other = counting.newSession()) {
                snapshot = other.snapshot();
            }
            for (Executable call : List.<Executable>of(
                    () -> session.generate("b").stream(),
                    () -> session.generate("b").run(),
                    session::reset,
                    session::snapshot,
                    () -> session.restore(snapshot),
                    session::tokens,
                    () -> session.logits(1, 2),
                    session::newChat)) {
                String message = assertThrows(IllegalStateException.class, call).getMessage();
                assertTrue(message.contains("still open"), message);
            }
            assertEquals(1, stream.iterator().next().id());
        }
    }

    @Test
    void aSecondThreadFailsAtOnceAndOnlyCancelReachesTheFirst() throws InterruptedException {
        CountDownLatch inPass = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Model slow = ToyModels.of((path, row) -> {
            row[1] = 1;
            inPass.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Session session = slow.newSession();
        TokenStream stream = session.generate("a").stream();
        List<Token> read = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread reader = new Thread(() -> stream.forEach(read::add), "reader");
        reader.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        reader.start();
        inPass.await();
        for (Executable call : List.<Executable>of(
                session::tokens, session::close, stream::close, () -> session.generate("b").stream())) {
            assertTrue(
                    assertThrows(IllegalStateException.class, call).getMessage().contains("thread reader"));
        }
        stream.cancel();
        goOn.countDown();
        reader.join();
        assertEquals(null, failure.get());
        assertEquals(1, read.size());
        assertEquals(Optional.of(FinishReason.CANCELLED), stream.finishReason());
        session.close();
    }

    @Test
    void aListenerMustNotUseTheSession() {
        try (Session session = counting.newSession()) {
            Generation generation = session.generate("abc").onPromptProgress((done, all) -> session.reset());
            assertThrows(IllegalStateException.class, generation::run);
            assertEquals("de", session.generate("abc").maxTokens(2).text());
        }
    }

    @Test
    void whatTheSessionHoldsMakesNoDifferenceToTheTokens() {
        GenerationOptions options = GenerationOptions.DEFAULT
                .sampler(Sampler.temperature(1).topP(0.9f).seed(4))
                .maxTokens(12);
        List<String> prompts = List.of("once upon", "once upon a time", "once", "twice", "once upon a time there");
        try (Session session = hashed.newSession()) {
            for (String prompt : prompts) {
                try (Session fresh = hashed.newSession(SessionOptions.DEFAULT.promptBatchSize(3))) {
                    assertEquals(
                            fresh.generate(prompt).options(options).run().tokens(),
                            session.generate(prompt).options(options).run().tokens());
                }
            }
        }
    }

    @Test
    void snapshotsAreRestoredInAnySessionOfTheModel() {
        try (Session session = hashed.newSession();
                Session other = hashed.newSession()) {
            session.generate("abcdef").maxTokens(5).run();
            Session.Snapshot snapshot = session.snapshot();
            int[] tokens = session.tokens();
            String expected = session.generate(tokens).maxTokens(5).text();
            session.reset();
            assertEquals(0, session.tokens().length);
            other.restore(snapshot);
            assertArrayEquals(tokens, other.tokens());
            GenerationResult again = other.generate(tokens).maxTokens(5).run();
            assertEquals(expected, again.text());
            assertEquals(tokens.length - 1, again.stats().reusedPromptTokens());
            try (Session stranger = counting.newSession()) {
                assertThrows(IllegalArgumentException.class, () -> stranger.restore(snapshot));
            }
        }
    }

    @Test
    void logitsOfAllPositionsAreThoseOfEachPrefix() {
        try (Session session = hashed.newSession(SessionOptions.DEFAULT.promptBatchSize(2));
                Session other = hashed.newSession()) {
            FloatMatrix all = session.logits(1, 2, 3, 4, 5);
            assertEquals(5, all.rows());
            for (int length = 1; length <= 5; length++) {
                int[] prefix = java.util.stream.IntStream.rangeClosed(1, length).toArray();
                assertArrayEquals(other.logits(prefix).row(length - 1), all.row(length - 1));
            }
            assertArrayEquals(new int[] {1, 2, 3, 4, 5}, session.tokens());
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsLost() {
        try (Session session = counting.newSession(SessionOptions.DEFAULT.contextLength(8))) {
            session.generate("abc").maxTokens(2).run();
            assertThrows(ContextFullException.class, () -> session.generate("abcdefghi").stream());
            assertThrows(ContextFullException.class, () -> session.logits(new int[9]));
            assertThrows(IllegalArgumentException.class, () -> session.generate("").stream());
            assertThrows(IllegalArgumentException.class, session::logits);
            assertThrows(IllegalArgumentException.class, () -> session.logits(0, ToyModels.VOCABULARY));
            assertThrows(IllegalArgumentException.class, () -> session.generate(0, -1).stream());
            assertArrayEquals(new int[] {0, 1, 2, 3, 4}, session.tokens());
            GenerationResult full = session.generate("abcde").run();
            assertEquals("fghi", full.text());
            assertEquals(FinishReason.CONTEXT_FULL, full.finishReason());
        }
        SessionOptions tooLong = SessionOptions.DEFAULT.contextLength(201);
        assertThrows(IllegalArgumentException.class, () -> counting.newSession(tooLong));
        assertThrows(IllegalArgumentException.class, () -> SessionOptions.DEFAULT.contextLength(-1));
        assertThrows(IllegalArgumentException.class, () -> SessionOptions.DEFAULT.promptBatchSize(0));
        assertThrows(IllegalArgumentException.class, () -> LoadOptions.DEFAULT.threads(-1));
    }

    @Test
    void aClosedSessionSaysSo() {
        Session session = counting.newSession();
        TokenStream stream = session.generate("a").stream();
        session.close();
        session.close();
        assertEquals(Optional.of(FinishReason.CANCELLED), stream.finishReason());
        assertTrue(assertThrows(IllegalStateException.class, () -> session.generate("a").stream())
                .getMessage()
                .contains("closed"));
    }

    @Test
    void argumentsThatAreNullAreNamed() {
        try (Session session = counting.newSession()) {
            assertNamed("prompt", () -> session.generate((String) null));
            assertNamed("prompt", () -> session.generate((int[]) null));
            assertNamed("messages", () -> session.chat(null));
            assertNamed("snapshot", () -> session.restore(null));
            assertNamed("tokens", () -> session.logits((int[]) null));
            Generation generation = session.generate("a");
            assertNamed("stop string", () -> generation.stop((String) null));
            assertNamed("limit", () -> generation.timeLimit(null));
            assertNamed("sampler", () -> generation.sampler(null));
            assertNamed("decoding", () -> generation.decoding(null));
        }
        assertNamed("options", () -> counting.newSession(null));
    }

    private static void assertNamed(String name, Executable call) {
        assertEquals(name, assertThrows(NullPointerException.class, call).getMessage());
    }

    /** As many logits as no heap holds. */
    @Test
    void logitsThatDoNotFitAreRefusedAndLoseNothing() {
        ToyLanguageModel large = new ToyLanguageModel(1 << 20, 5000, (path, row) -> {});
        EvaluatedText text = new EvaluatedText(large.newState(5000, CacheType.F32), 16);
        text.evaluate(1, 2, 3);
        assertThrows(InsufficientMemoryException.class, () -> text.allLogits(1 << 20, new int[2000]));
        assertThrows(IllegalArgumentException.class, () -> text.allLogits(1 << 20, new int[3000]));
        assertArrayEquals(new int[] {1, 2, 3}, text.tokens());
    }

    /** Sessions at work on threads of their own while their model is closed end with a result or with one clear exception. */
    @Test
    void sessionsEndClearlyWhenTheirModelIsClosedMeanwhile() throws Exception {
        Path file = Path.of("examples/models/lathe-java-draft-f16.gguf");
        for (int round = 0; round < 3; round++) {
            Model model = Model.load(file, LoadOptions.DEFAULT.threads(2));
            List<Session> sessions = List.of(model.newSession(), model.newSession(), model.newSession());
            List<Throwable> thrown = new CopyOnWriteArrayList<>();
            CountDownLatch started = new CountDownLatch(sessions.size());
            List<Thread> threads = new ArrayList<>();
            for (Session session : sessions) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        while (true) {
                            session.generate("public class A {").maxTokens(8).run();
                            started.countDown();
                        }
                    } catch (Throwable e) {
                        thrown.add(e);
                    }
                }));
            }
            started.await();
            model.close();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(sessions.size(), thrown.size());
            for (Throwable each : thrown) {
                assertEquals(IllegalStateException.class, each.getClass(), () -> String.valueOf(each));
                assertTrue(each.getMessage().contains("closed"), each.getMessage());
            }
            sessions.forEach(Session::close);
        }
    }
}
