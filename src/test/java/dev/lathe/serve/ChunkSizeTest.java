package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Passes end in time, however much their times vary, and are no shorter than they need be. */
class ChunkSizeTest {
    private static final long MILLI = 1_000_000;

    @Test
    void withNobodyWaitingAPassHasManyRowsAndTheFirstOnesFew() {
        ChunkSize size = new ChunkSize(Duration.ofMillis(100));
        assertEquals(512, size.rows(false));
        assertEquals(16, size.rows(true));
    }

    @Test
    void steadyTimesFillThePass() {
        ChunkSize size = new ChunkSize(Duration.ofMillis(100));
        size.observe(16, 0, 20 * MILLI);
        for (int i = 0; i < 50; i++) {
            size.observe(16, size.rows(true), 20 * MILLI + size.rows(true) * MILLI);
        }
        assertEquals(80, size.rows(true), 1);
    }

    /** Of times that vary by a third, and of a text whose rows become more expensive one after the other. */
    @Test
    void fewPassesAreTooLong() {
        for (double growth : new double[] {0, 0.0003}) {
            Random random = new Random(1);
            ChunkSize size = new ChunkSize(Duration.ofMillis(100));
            size.observe(16, 0, 20 * MILLI);
            int passes = 400;
            int late = 0;
            double all = 0;
            int done = 0;
            for (int i = 0; i < passes; i++) {
                int rows = size.rows(true);
                done = growth > 0 && done > 4000 ? 0 : done + rows;
                double millis = 20 + rows * (1 + growth * done) * (1 + 0.33 * (2 * random.nextDouble() - 1));
                size.observe(16, rows, (long) (millis * MILLI));
                late += millis > 100 ? 1 : 0;
                all += millis / passes;
            }
            assertTrue(late <= passes / 50, late + " of " + passes + " passes are too long");
            assertTrue(all > 60, "passes take " + all + " ms of 100");
        }
    }
}
