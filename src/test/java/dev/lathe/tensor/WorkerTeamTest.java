package dev.lathe.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerTeamTest {
    private static void eachPartOnce(Workers workers, int parts) {
        AtomicIntegerArray done = new AtomicIntegerArray(parts);
        workers.run(parts, done::incrementAndGet);
        for (int part = 0; part < parts; part++) {
            assertEquals(1, done.get(part), "part " + part);
        }
    }

    @Test
    void everyPartIsDoneOnceHoweverManyThereAre() {
        try (Workers workers = Workers.of(3)) {
            for (int parts = 0; parts < 200; parts++) {
                eachPartOnce(workers, parts);
            }
        }
    }

    /** Helpers park when nothing is to be done for some milliseconds, and must come back. */
    @Test
    void parkedHelpersComeBack() throws InterruptedException {
        try (Workers workers = Workers.of(2)) {
            for (int round = 0; round < 5; round++) {
                awaitParked();
                CountDownLatch both = new CountDownLatch(2);
                workers.run(
                        2,
                        part -> { // ends only if two threads are at it
                            both.countDown();
                            await(both);
                        });
            }
        }
    }

    private static void awaitParked() throws InterruptedException {
        while (Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("lathe-worker"))
                .anyMatch(thread -> thread.getState() != Thread.State.WAITING)) {
            Thread.sleep(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anExceptionInAPartComesOutWhenAllPartsHaveEnded() {
        try (Workers workers = Workers.of(2)) {
            for (Throwable thrown : List.of(new IllegalArgumentException("part"), new AssertionError("part"))) {
                AtomicInteger ended = new AtomicInteger();
                Throwable caught = assertThrows(
                        Throwable.class,
                        () -> workers.run(20, part -> {
                            ended.incrementAndGet();
                            if (part == 7) {
                                throwUnchecked(thrown);
                            }
                        }));
                assertSame(thrown, caught);
                assertEquals(20, ended.get());
            }
            eachPartOnce(workers, 9);
        }
    }

    private static void throwUnchecked(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) thrown;
    }

    @Test
    void aTeamClosedWhileItRunsFinishesAndRefusesWhatComesNext() {
        Workers workers = Workers.of(3);
        AtomicInteger ended = new AtomicInteger();
        workers.run(50, part -> {
            if (part == 3) {
                workers.close();
            }
            ended.incrementAndGet();
        });
        assertEquals(50, ended.get());
        assertThrows(IllegalStateException.class, () -> workers.run(2, part -> {}));
        workers.close();
    }

    @Test
    void concurrentCallersWaitForEachOther() throws InterruptedException {
        try (Workers workers = Workers.of(2)) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<Thread> callers = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                callers.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int round = 0; round < 300; round++) {
                            eachPartOnce(workers, 5);
                        }
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertNull(failure.get());
        }
    }

    /** What a task computed with can be collected while the helpers wait for the next one. */
    @Test
    void helpersDoNotHoldWhatTheLastTaskComputedWith() throws InterruptedException {
        try (Workers workers = Workers.of(3)) {
            WeakReference<float[]> buffer = runWithBuffer(workers);
            awaitParked();
            for (int attempt = 0; attempt < 200 && buffer.get() != null; attempt++) {
                System.gc();
                Thread.sleep(5);
            }
            assertNull(buffer.get());
        }
    }

    private static WeakReference<float[]> runWithBuffer(Workers workers) {
        float[] buffer = new float[1000];
        workers.run(100, part -> buffer[part] = part);
        return new WeakReference<>(buffer);
    }
}
