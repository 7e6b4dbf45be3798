package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

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
            while (second.getState() != Thread.State.WAITING || third.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
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
                    Arrays.fill(held.data(), Float.NaN);
                    if (logits.data()[token + 1] != 50 || logits.data()[token] != 0) {
                        wrong.add(token);
                    }
                }));
                if (i == 0) {
                    begun.acquireUninterruptibly();
                }
            }
            for (Thread thread : threads) {
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.sleep(1);
                }
            }
            passes.release(100);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(2, model.statistics().passes());
            assertEquals(List.of(), wrong);
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
