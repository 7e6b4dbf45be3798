package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.QueueFullException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many short requests with random cancels and deadlines: every one ends. {@code -Dlathe.soak} says how many. */
class EngineSoakTest {
    private static final int REQUESTS = Integer.getInteger("lathe.soak", 3000);
    private static final int THREADS = 8;

    @Test
    void everyRequestEndsAndNothingIsLeft() throws InterruptedException {
        Model model = ToyModels.of(new ToyLanguageModel(ToyModels.VOCABULARY, 60, Law.counting()));
        Engine engine =
                model.engine(EngineOptions.DEFAULT.texts(6).queueCapacity(20).idleTexts(3));
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < THREADS; client++) {
            Random random = new Random(client);
            clients.add(Thread.ofPlatform().start(() -> ask(engine, random, ended, refused)));
        }
        for (Thread client : clients) {
            client.join();
        }
        EngineStatistics statistics = engine.statistics();
        assertEquals(THREADS * (REQUESTS / THREADS), ended.get() + refused.get());
        assertEquals(ended.get(), statistics.ended());
        assertEquals(refused.get(), statistics.refused());
        assertEquals(0, statistics.failed());
        assertEquals(0, statistics.running() + statistics.waiting());
        assertTrue(statistics.idleTexts() <= 3, statistics.toString());
        engine.close();
        assertEquals(0, engine.statistics().idleTexts());
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("lathe-engine")));
    }

    private static void ask(Engine engine, Random random, AtomicInteger ended, AtomicInteger refused) {
        List<Answer> open = new ArrayList<>();
        for (int i = 0; i < REQUESTS / THREADS; i++) {
            Request request = engine.generate(
                            random.ints(1 + random.nextInt(30), 0, 28).toArray())
                    .maxTokens(1 + random.nextInt(12))
                    .priority(random.nextInt(3));
            try {
                open.add((random.nextInt(4) == 0 ? request.deadline(Duration.ofMillis(1)) : request).submit());
            } catch (QueueFullException full) {
                refused.incrementAndGet();
            }
            if (random.nextInt(5) == 0 && !open.isEmpty()) {
                open.getLast().cancel();
            }
            if (open.size() > 4) {
                open.forEach(Answer::result);
                ended.addAndGet(open.size());
                open.clear();
            }
        }
        open.forEach(Answer::result);
        ended.addAndGet(open.size());
    }
}
