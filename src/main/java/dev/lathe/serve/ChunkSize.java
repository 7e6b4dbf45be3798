package dev.lathe.serve;

import java.time.Duration;

/**
 * How many rows of prompts go into a pass: as many as its time allows, by the times of passes before. Times vary, and
 * it is the long ones that somebody waits for: so what a row is expected to take is its average and three times the
 * average deviation from it, as TCP's retransmission timer has it (Jacobson 1988, Congestion Avoidance and Control).
 * Times decide how rows are divided among passes, never what they hold.
 */
final class ChunkSize {
    /** Fewer rows would read all weights for little. */
    private static final int LEAST = 16;

    /** More rows are not faster. */
    private static final int MOST = 512;

    private static final double DEVIATIONS = 3;
    private static final double WEIGHT = 0.25; // of a new time in the averages

    private final double longestNanos;
    private double stepNanos; // of a pass without prompts
    private double nanosPerRow; // of a pass with prompts
    private double deviation; // of its times, on average

    ChunkSize(Duration longestPass) {
        longestNanos = longestPass.toNanos();
    }

    /** Rows of prompts in the next pass. */
    int rows(boolean othersWait) {
        if (!othersWait) {
            return MOST;
        }
        if (nanosPerRow == 0) {
            return LEAST;
        }
        return (int) Math.clamp((longestNanos - stepNanos) / (nanosPerRow + DEVIATIONS * deviation), LEAST, MOST);
    }

    /** A pass took so long. */
    void observe(int stepRows, int promptRows, long nanos) {
        if (promptRows == 0) {
            stepNanos = average(stepNanos, nanos);
        } else if (promptRows >= LEAST) {
            double prompts = stepRows == 0 ? nanos : Math.max(nanos - stepNanos, 0.25 * nanos);
            double time = prompts / promptRows;
            if (nanosPerRow > 0) {
                deviation += WEIGHT * (Math.abs(time - nanosPerRow) - deviation);
            }
            nanosPerRow = average(nanosPerRow, time);
        }
    }

    private static double average(double before, double now) {
        return before == 0 ? now : before + WEIGHT * (now - before);
    }
}
