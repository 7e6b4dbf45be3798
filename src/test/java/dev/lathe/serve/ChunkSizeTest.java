package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** Passes end in time, however much their times vary, and are no shorter than they need be. */
class ChunkSizeTest {
    private static final long MILLI = 1_000_000;

    /** Sixteen texts whose next tokens take so many milliseconds, beside prompts of so many tokens. */
    private static final class Passes {
        private final ChunkSize size;
        private final double quietMillis;
        private final double growth; // of what a row takes, per position
        private final DoubleSupplier noise;
        private int count;
        private int withoutPrompts;
        private int late;
        private double promptMillis; // of passes with prompts

        Passes(Optional<Duration> longestPass, double quietMillis, double growth, DoubleSupplier noise) {
            this.size = new ChunkSize(longestPass);
            this.quietMillis = quietMillis;
            this.growth = growth;
            this.noise = noise;
        }

        void prompt(int length, double bound) {
            int position = 0;
            while (position < length) {
                int rows = Math.min(size.rows(16, position), length - position);
                double row = 1 + growth * (position + rows / 2.0);
                double millis = quietMillis * noise.getAsDouble() + rows * row * noise.getAsDouble();
                size.observe(16, rows, position, (long) (millis * MILLI));
                position += rows;
                count++;
                withoutPrompts += rows == 0 ? 1 : 0;
                late += millis > bound ? 1 : 0;
                promptMillis += rows == 0 ? 0 : millis;
            }
        }

        double meanMillis() {
            return promptMillis / (count - withoutPrompts);
        }
    }

    @Test
    void withNobodyWaitingAPassHasManyRows() {
        assertEquals(512, new ChunkSize(Optional.empty()).rows(0, 0));
    }

    @Test
    void steadyTimesFillTheFixedBoundOrAMultipleOfTheUsualPass() {
        Passes fixed = new Passes(Optional.of(Duration.ofMillis(100)), 20, 0, () -> 1);
        fixed.prompt(4000, 101);
        assertEquals(80, fixed.size.rows(16, 0), 1);
        Passes relative = new Passes(Optional.empty(), 40, 0, () -> 1);
        relative.prompt(4000, 101);
        assertEquals(60, relative.size.rows(16, 0), 1);
        assertEquals(0, fixed.late + relative.late);
    }

    @Test
    void passesThatAreFasterThanAnybodyReadsLeaveRoomForMore() {
        Passes passes = new Passes(Optional.empty(), 5, 0, () -> 1);
        passes.prompt(4000, 41);
        assertEquals(35, passes.size.rows(16, 0), 1);
        assertEquals(0, passes.late);
    }

    /** Of times that vary by a third, and of prompts whose last rows take more than twice what the first do. */
    @Test
    void fewPassesAreTooLong() {
        for (Optional<Duration> bound : List.of(Optional.of(Duration.ofMillis(100)), Optional.<Duration>empty())) {
            for (double growth : new double[] {0, 0.0003}) {
                Random random = new Random(1);
                Passes passes = new Passes(bound, 40, growth, () -> 1 + 0.33 * (2 * random.nextDouble() - 1));
                for (int prompt = 0; prompt < 5; prompt++) {
                    passes.prompt(4000, 120);
                }
                assertTrue(passes.late <= passes.count / 50, passes.late + " of " + passes.count + " are too long");
                assertTrue(passes.meanMillis() > 65, "passes take " + passes.meanMillis() + " ms of 100");
            }
        }
    }

    /** A prompt that begins late, as one that shares its beginning does, is not taken for one that begins at 0. */
    @Test
    void whatARowTakesIsKnownByItsPosition() {
        Passes passes = new Passes(Optional.empty(), 40, 0.0004, () -> 1);
        passes.prompt(4000, 101);
        passes.prompt(400, 101);
        int first = passes.size.rows(16, 0);
        int last = passes.size.rows(16, 3900);
        assertTrue(first >= 1.5 * last && last < 30, first + " rows at the beginning, " + last + " at the end");
        assertEquals(4, passes.size.rows(16, 9000), "nothing is known there");
    }

    /** The first pass, which is a cold one, and then fewer and fewer. */
    @Test
    void whatIsUsualIsMeasuredNowAndThenAndOutliersDoNotMoveIt() {
        ChunkSize size = new ChunkSize(Optional.empty());
        assertEquals(0, size.rows(16, 0));
        size.observe(16, 0, 0, 2000 * MILLI);
        int without = 0;
        for (int pass = 0; pass < 1000; pass++) {
            int rows = size.rows(16, 0);
            without += rows == 0 ? 1 : 0;
            size.observe(16, rows, 0, (long) (pass % 100 == 0 ? 900 : 50 + rows) * MILLI);
        }
        assertEquals(75, size.rows(12, 0), 2, "12 rows are as 16");
        assertTrue(without >= 15 && without <= 25, without + " passes without prompts");
        assertEquals(0, size.rows(4, 0), "of 4 rows nothing is known");
    }
}
