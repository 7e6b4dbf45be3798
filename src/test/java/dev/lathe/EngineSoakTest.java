package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.QueueFullException;
import dev.lathe.serve.Tenant;
import dev.lathe.serve.TenantLimitException;
import dev.lathe.serve.TenantLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Many short requests from many threads, with random cancels, deadlines and tenants, in little memory, to engines that
 * are closed meanwhile: every one ends. {@code -Dlathe.soak} says how many.
 */
class EngineSoakTest {
    private static final int REQUESTS = Integer.getInteger("lathe.soak", 2000);
    private static final int THREADS = 32;
    private static final int CLOSES = 4;

    private final Model model = ToyModels.of(new ToyLanguageModel(ToyModels.VOCABULARY, 60, Law.counting()));
    private final Tenant tenant =
            new Tenant("often", TenantLimits.NONE.tokens(1e6, 2000).requests(5));
    private final AtomicReference<Engine> engine = new AtomicReference<>(newEngine());
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger endedByReason = new AtomicInteger();

    private Engine newEngine() {
        return model.engine(
                EngineOptions.DEFAULT.texts(6).queueCapacity(20).idleTexts(3).cacheBytes(600));
    }

    @Test
    void everyRequestEndsAndNothingIsLeft() throws InterruptedException {
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < THREADS; client++) {
            Random random = new Random(client);
            clients.add(Thread.ofPlatform().start(() -> ask(random)));
        }
        for (int close = 1; close <= CLOSES; close++) {
            while (asked.get() < close * REQUESTS / (CLOSES + 1)) {
                Thread.sleep(1);
            }
            close(newEngine());
        }
        for (Thread client : clients) {
            client.join();
        }
        close(null);
        assertEquals(REQUESTS, ended.get());
        assertEquals(ended.get(), endedByReason.get());
        assertEquals(0, tenant.statistics().running());
        assertEquals(0, tenant.statistics().positions());
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("lathe-engine")));
    }

    private void close(Engine next) {
        Engine old = engine.getAndSet(next);
        old.close();
        EngineStatistics statistics = old.statistics();
        endedByReason.addAndGet((int) statistics.ended());
        assertEquals(0, statistics.failed());
        assertEquals(0, statistics.running() + statistics.waiting() + statistics.idleTexts());
        assertEquals(0, statistics.cache().bytes() + statistics.cache().asleep());
    }

    private void ask(Random random) {
        List<Answer> open = new ArrayList<>();
        while (asked.getAndIncrement() < REQUESTS) {
            open.add(submit(random, open));
            if (random.nextInt(5) == 0) {
                open.getLast().cancel();
            }
            if (open.size() > 4) {
                finish(open);
            }
        }
        finish(open);
    }

    /** Asks until it is let in. */
    private Answer submit(Random random, List<Answer> open) {
        while (true) {
            try {
                Request request = engine.get()
                        .generate(random.ints(1 + random.nextInt(30), 0, 28).toArray())
                        .maxTokens(1 + random.nextInt(12))
                        .priority(random.nextInt(3));
                Request timed = random.nextInt(4) == 0 ? request.deadline(Duration.ofMillis(5)) : request;
                return (random.nextInt(4) == 0 ? timed.tenant(tenant) : timed).submit();
            } catch (QueueFullException | TenantLimitException full) {
                finish(open);
                LockSupport.parkNanos(1_000_000);
            } catch (IllegalStateException closed) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private void finish(List<Answer> open) {
        open.forEach(Answer::result);
        ended.addAndGet(open.size());
        open.clear();
    }
}
