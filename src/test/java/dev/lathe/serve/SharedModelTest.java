package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingModel;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SharedModelTest {
    /** A pass that stands still collects two texts for the next one. */
    @Test
    void whoSharesAPassKnowsThatAPartOfItsTimeIsOthers() throws InterruptedException {
        ToyLanguageModel toy = new ToyLanguageModel(28, 60, Law.counting());
        Semaphore passes = new Semaphore(0);
        Semaphore begun = new Semaphore(0);
        toy.beforePass(() -> {
            begun.release();
            passes.acquireUninterruptibly();
        });
        try (SharedModel model = SharedModel.of(toy, EngineOptions.DEFAULT)) {
            InferenceState alone = model.newState(9, CacheType.F32);
            InferenceState one = model.newState(9, CacheType.F32);
            InferenceState other = model.newState(9, CacheType.F32);
            AtomicLong ofAlone = new AtomicLong(-1);
            Thread first = Thread.ofPlatform().start(() -> {
                alone.forward(TokenBatch.lastLogits(1));
                ofAlone.set(alone.othersNanos());
                alone.close();
            });
            begun.acquireUninterruptibly();
            Thread second = Thread.ofPlatform().start(() -> one.forward(TokenBatch.lastLogits(1)));
            Thread third = Thread.ofPlatform().start(() -> other.forward(TokenBatch.lastLogits(1)));
            awaitTickets(model, 3);
            passes.release(100);
            first.join();
            second.join();
            third.join();
            assertEquals(0, ofAlone.get());
            assertEquals(2, model.statistics().passes());
            assertTrue(one.othersNanos() > 0 && other.othersNanos() > 0);
        }
    }

    /** Whoever has its logits may call its state, which holds those of the others in the pass. */
    @Test
    void whoGoesOnFirstWritesOverNobodysLogits() throws InterruptedException {
        int vocabularySize = 100_000;
        ToyLanguageModel toy = new ToyLanguageModel(vocabularySize, 60, Law.counting());
        FloatMatrix held = FloatMatrix.zeros(16, vocabularySize);
        LanguageModel holder = new HoldingModel(toy, held);
        Semaphore begun = new Semaphore(0);
        Semaphore passes = new Semaphore(0);
        toy.beforePass(() -> {
            begun.release();
            passes.acquireUninterruptibly();
        });
        try (SharedModel model = SharedModel.of(holder, EngineOptions.DEFAULT)) {
            List<Integer> wrong = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 17; i++) {
                int token = 100 * i;
                InferenceState state = model.newState(9, CacheType.F32);
                threads.add(Thread.ofPlatform().start(() -> {
                    FloatMatrix logits = state.forward(TokenBatch.lastLogits(token));
                    if (token > 0) { // the first one alone was in the first pass, and has nothing to do with the second
                        Arrays.fill(held.data(), Float.NaN);
                    }
                    if (logits.data()[token + 1] != 50 || logits.data()[token] != 0) {
                        wrong.add(token);
                    }
                }));
                if (i == 0) {
                    begun.acquireUninterruptibly();
                }
            }
            awaitTickets(model, threads.size());
            passes.release(100);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(2, model.statistics().passes());
            assertEquals(List.of(), wrong);
        }
    }

    private static void awaitTickets(SharedModel model, int count) throws InterruptedException {
        while (model.loop().waiting() < count) {
            Thread.sleep(1);
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aFailureThatIsNobodysEndsTheEngineAndIsToldToAll() {
        ToyLanguageModel toy = new ToyLanguageModel(28, 60, Law.counting());
        EngineOptions options = EngineOptions.DEFAULT.energyMeter(() -> {
            throw new IllegalStateException("the meter is gone");
        });
        try (SharedModel model = SharedModel.of(toy, options)) {
            InferenceState state = model.newState(9, CacheType.F32);
            for (int i = 0; i < 2; i++) {
                IllegalStateException told =
                        assertThrows(IllegalStateException.class, () -> state.forward(TokenBatch.lastLogits(1)));
                assertTrue(told.getMessage().contains("the meter is gone"), told.getMessage());
            }
        }
    }

    @Test
    void anInterruptEndsAPromptThatWaitsForAnotherThreadsPass() throws InterruptedException {
        ToyLanguageModel toy = new ToyLanguageModel(28, 600, Law.counting());
        Semaphore begun = new Semaphore(0);
        Semaphore passes = new Semaphore(0);
        toy.beforePass(() -> {
            begun.release();
            passes.acquireUninterruptibly();
        });
        try (SharedModel model = SharedModel.of(toy, EngineOptions.DEFAULT)) {
            InferenceState other = model.newState(600, CacheType.F32);
            Thread first = Thread.ofPlatform().start(() -> other.forward(TokenBatch.noLogits(new int[512])));
            begun.acquireUninterruptibly();
            InferenceState state = model.newState(600, CacheType.F32);
            AtomicBoolean asked = new AtomicBoolean();
            AtomicReference<Throwable> told = new AtomicReference<>();
            Thread second = Thread.ofPlatform().unstarted(() -> {
                BooleanSupplier stop = () -> {
                    boolean isInterrupted = Thread.currentThread().isInterrupted();
                    asked.compareAndSet(false, isInterrupted);
                    return isInterrupted;
                };
                state.forward(TokenBatch.noLogits(new int[400]), stop);
            });
            second.setUncaughtExceptionHandler((_, thrown) -> told.set(thrown));
            second.start();
            awaitTickets(model, 2);
            second.interrupt();
            while (!asked.get() || second.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
            passes.release(100);
            second.join();
            first.join();
            assertInstanceOf(CancellationException.class, told.get());
            assertEquals(1, model.statistics().passes());
            assertEquals(0, state.length());
        }
    }

    /** A model whose logits are valid until the next call, and no longer. */
    private record HoldingModel(LanguageModel inner, FloatMatrix held) implements ForwardingModel {
        @Override
        public InferenceState newState(int capacity, CacheType cacheType) {
            return inner.newState(capacity, cacheType);
        }

        @Override
        public FloatMatrix forward(List<? extends InferenceState> states, List<TokenBatch> batches) {
            FloatMatrix logits = inner.forward(states, batches);
            System.arraycopy(logits.data(), 0, held.data(), 0, logits.data().length);
            return new FloatMatrix(held.data(), logits.rows(), logits.columns());
        }
    }
}
