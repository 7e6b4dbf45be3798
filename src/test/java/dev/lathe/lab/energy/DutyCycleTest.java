package dev.lathe.lab.energy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.figures.Stopwatch;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class DutyCycleTest {
    private final AtomicLong now = new AtomicLong();

    @Property(tries = 100)
    void workGetsItsShareOfTheTimeThoughWaitsAreOffByAnyHalf(
            @ForAll @DoubleRange(min = 0.05, max = 1) double share, @ForAll long seed) {
        Random random = new Random(seed);
        DutyCycle duty = new DutyCycle(
                share, new Stopwatch(now::get), nanos -> now.addAndGet((long) (nanos * (0.5 + random.nextDouble()))));
        for (int token = 0; token < 400; token++) {
            now.addAndGet(1_000_000 + random.nextInt(2_000_000));
            duty.pause();
        }

        assertEquals(share, duty.achieved(), 0.01 + 0.01 / share / 400);
    }

    @Test
    void allOfTheTimeNeedsNoWait() {
        DutyCycle duty = new DutyCycle(1, new Stopwatch(now::get), nanos -> {
            throw new AssertionError("waited " + nanos);
        });
        now.addAndGet(5_000_000_000L);
        duty.pause();
        assertEquals(1, duty.achieved());
        assertThrows(IllegalArgumentException.class, () -> DutyCycle.of(0));
        assertThrows(IllegalArgumentException.class, () -> DutyCycle.of(1.01));
    }

    @Test
    void anInterruptEndsTheWaitAndIsKept() {
        DutyCycle duty = new DutyCycle(
                0.01, Stopwatch.system(), nanos -> Thread.currentThread().interrupt());
        for (long start = System.nanoTime(); System.nanoTime() - start < 2_000_000; ) {
            Thread.onSpinWait();
        }
        duty.pause();
        assertTrue(Thread.interrupted());
    }
}
