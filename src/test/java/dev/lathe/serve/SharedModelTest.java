package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
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
}
