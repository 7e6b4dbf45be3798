package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.serve.CacheStatistics;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that sleep while there is no memory for them, and wake as they were. */
class EngineMemoryTest {
    private static final int CONTEXT = 150;
    private static final int BYTES_OF_A_TEXT = 4 * CONTEXT;

    private static ToyLanguageModel toy() {
        return new ToyLanguageModel(ToyModels.VOCABULARY, CONTEXT, Law.hashed(3, 2, 8));
    }

    private static Request request(Engine engine, Random random) {
        List<Decoding> decodings = List.of(
                Decoding.autoregressive(),
                Decoding.speculative(Draft.ngram()),
                Decoding.recursiveSpeculative(Draft.model(toy())).branching(3, 2, 1));
        Request request = engine.generate(ToyModels.prompt(random, 6, 60))
                .decoding(decodings.get(random.nextInt(decodings.size())))
                .sampler(Sampler.temperature(1)
                        .logitBias(ToyModels.END, random.nextBoolean() ? -1000 : 0)
                        .seed(random.nextInt(5)))
                .maxTokens(1 + random.nextInt(80))
                .priority(random.nextInt(3) - 1)
                .logProbabilities(random.nextInt(2));
        return random.nextInt(8) == 0 ? request.deadline(Duration.ofMillis(2)) : request;
    }

    /** Any mix of up to 64 requests, with cancels and deadlines, in any memory. */
    @Property(tries = 25)
    void whoSleptAnswersAsIfAlone(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 64) int requests,
            @ForAll @IntRange(min = 1, max = 12) int texts,
            @ForAll @IntRange(max = 4) int idleTexts,
            @ForAll @IntRange(min = 32, max = 4 * BYTES_OF_A_TEXT) int cacheBytes,
            @ForAll boolean shortPasses) {
        Random random = new Random(seed);
        Model model = ToyModels.of(toy());
        EngineOptions options = EngineOptions.DEFAULT
                .texts(texts)
                .idleTexts(idleTexts)
                .cacheBytes(cacheBytes)
                .longestPass(shortPasses ? Duration.ofNanos(1) : Duration.ofSeconds(1));
        try (Engine engine = model.engine(options)) {
            ToyModels.assertAllAsAlone(model, requests, 6, random, () -> request(engine, random));
            assertEquals(0, engine.statistics().failed());
            assertEquals(0, engine.statistics().cache().asleep());
        }
    }

    /** Texts without an end, none of which goes on behind its first token before all have one. */
    private static List<Answer> endless(Engine engine, int count) {
        CountDownLatch begun = new CountDownLatch(count);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(engine.generate(i)
                    .sampler(Sampler.greedy().logitBias(ToyModels.END, -1000))
                    .maxTokens(100)
                    .onToken(token -> {
                        if (token.index() == 0) {
                            await(begun);
                        }
                    })
                    .submit());
        }
        return answers;
    }

    private static void await(CountDownLatch begun) {
        begun.countDown();
        try {
            begun.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theYoungestSleepsAndMemoryStaysWithinItsLimitButForAPass(@TempDir Path folder) throws IOException {
        int limit = 3 * BYTES_OF_A_TEXT;
        EngineOptions options =
                EngineOptions.DEFAULT.texts(8).idleTexts(0).cacheBytes(limit).sleepFolder(folder);
        Semaphore passes = new Semaphore(0);
        ToyLanguageModel toy = toy();
        toy.beforePass(passes::acquireUninterruptibly);
        try (Engine engine = ToyModels.of(toy).engine(options)) {
            List<Answer> answers = endless(engine, 8);
            passes.release(1_000_000);
            long most = 0;
            while (!answers.stream().allMatch(Answer::hasEnded)) {
                most = Math.max(most, engine.statistics().cache().bytes());
            }
            answers.forEach(answer -> assertEquals(100, answer.result().tokens().size()));
            CacheStatistics cache = engine.statistics().cache();
            assertTrue(cache.slept() > 0, cache.toString());
            assertTrue(cache.writtenBytes() > 0, cache.toString());
            assertTrue(most <= limit + 8 * 32, most + " of " + limit);
            assertEquals(new CacheStatistics(0, 0, cache.slept(), cache.writtenBytes()), cache);
            assertTrue(cache.slept() < 100, "it sleeps until there is room: " + cache);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void whoSleepsCanBeCancelledAndExpires() throws InterruptedException {
        EngineOptions options = EngineOptions.DEFAULT.texts(3).idleTexts(0).cacheBytes(64);
        Semaphore passes = new Semaphore(0);
        ToyLanguageModel toy = toy();
        toy.beforePass(passes::acquireUninterruptibly);
        try (Engine engine = ToyModels.of(toy).engine(options)) {
            List<Answer> answers = endless(engine, 2);
            Answer late = engine.generate(9, 9, 9)
                    .sampler(Sampler.greedy().logitBias(ToyModels.END, -1000))
                    .deadline(Duration.ofMillis(500))
                    .submit();
            while (engine.statistics().cache().asleep() < 2 && !late.hasEnded()) {
                if (passes.availablePermits() == 0) {
                    passes.release();
                }
                Thread.sleep(1);
            }
            assertFalse(answers.getFirst().hasEnded());
            answers.get(1).cancel();
            Thread.sleep(500); // until its deadline
            passes.release(1_000_000);
            assertEquals(FinishReason.CANCELLED, answers.get(1).result().finishReason());
            assertEquals(FinishReason.TIME_LIMIT, late.result().finishReason());
            assertEquals(100, answers.getFirst().result().tokens().size());
            assertEquals(0, engine.statistics().failed());
        }
    }

    @Test
    void whoCannotSleepFailsAloneAndSaysWhy(@TempDir Path folder) throws IOException {
        Path gone = Files.createDirectory(folder.resolve("gone"));
        EngineOptions options =
                EngineOptions.DEFAULT.texts(2).idleTexts(0).cacheBytes(64).sleepFolder(gone);
        Semaphore passes = new Semaphore(0);
        ToyLanguageModel toy = toy();
        toy.beforePass(passes::acquireUninterruptibly);
        try (Engine engine = ToyModels.of(toy).engine(options)) {
            Files.delete(gone);
            List<Answer> answers = endless(engine, 2);
            passes.release(1_000_000);
            assertEquals(100, answers.getFirst().result().tokens().size());
            UncheckedIOException failure = assertThrows(UncheckedIOException.class, answers.getLast()::result);
            assertTrue(failure.getMessage().contains("sleepFolder"), failure.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> EngineOptions.DEFAULT.sleepFolder(gone));
        assertThrows(IllegalArgumentException.class, () -> EngineOptions.DEFAULT.cacheBytes(-1));
    }
}
