package dev.lathe.serve;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How many rows of prompts go into a pass beside the next tokens of other texts: as many as its bound leaves time for.
 *
 * <p>The bound is a fixed time or, without one, two and a half times what a pass of as many next tokens usually takes
 * alone, 40 ms at least: so prompts take most of a pass, and hardly anybody waits three times as long as usual for a
 * token, or longer than it takes to read one. To know what is usual, a pass goes without prompts now and then: the
 * first, and after 1, 3, 7 others, at last every 64th.
 *
 * <p>What a row of a prompt takes grows with its position, by what it attends to; so times are kept by positions. They
 * vary, and it is the long ones that somebody waits for: a row is expected to take its average and three times the
 * average deviation from it, as TCP's retransmission timer has it (Jacobson 1988, Congestion Avoidance and Control).
 * Times decide how rows are divided among passes, never what they hold.
 */
final class ChunkSize {
    /** So that a prompt comes to its end, whatever its rows take. */
    private static final int LEAST = 4;

    /** More rows are not faster. */
    private static final int MOST = 512;

    private static final double SLOWDOWN = 2.5;
    private static final double READ_NANOS = 40e6; // of a token: nobody reads 25 of them a second
    private static final double DEVIATIONS = 3;
    private static final double WEIGHT = 0.25; // of a new time in the averages

    private final Optional<Duration> longestPass;
    private final List<StepTime> steps =
            Stream.generate(StepTime::new).limit(Integer.SIZE).toList(); // by number of rows
    private final double[] rowNanos = new double[Integer.SIZE]; // of prompts, by position; 0 if unknown
    private double deviation; // of times of rows, as a share of what they are on average

    /**
     * No times yet.
     *
     * @param longestPass the fixed bound; empty for a multiple of the usual
     */
    ChunkSize(Optional<Duration> longestPass) {
        this.longestPass = longestPass;
    }

    /**
     * Rows of a prompt in the next pass, if it is the only one.
     *
     * @param stepRows rows of others, which wait for their next token; with none there is no bound
     * @param position of the prompt's next token
     */
    int rows(int stepRows, int position) {
        if (stepRows == 0) {
            return MOST;
        }
        StepTime step = step(stepRows);
        if (step.isDue()) {
            return 0;
        }
        double average = rowNanos[positions(position)];
        if (average == 0) {
            return LEAST;
        }
        double bound = longestPass
                .map(Duration::toNanos)
                .map(Long::doubleValue)
                .orElse(Math.max(READ_NANOS, SLOWDOWN * step.usual()));
        return (int) Math.clamp((bound - step.usual()) / (average * (1 + DEVIATIONS * deviation)), LEAST, MOST);
    }

    /**
     * A pass took so long.
     *
     * @param position of the first row of its prompts, on average
     */
    void observe(int stepRows, int promptRows, int position, long nanos) {
        if (stepRows == 0) {
            return; // larger chunks than those that others wait for, whose rows are cheaper
        }
        StepTime step = step(stepRows);
        if (promptRows == 0) {
            step.observe(nanos);
            return;
        }
        step.passesSince++;
        if (promptRows >= LEAST && step.count > 0) {
            observeRow(positions(position), Math.max(nanos - step.usual(), 0.1 * nanos) / promptRows);
        }
    }

    private void observeRow(int positions, double nanos) {
        double average = rowNanos[positions];
        if (average == 0) {
            rowNanos[positions] = nanos;
        } else {
            deviation += WEIGHT * (Math.abs(nanos / average - 1) - deviation);
            rowNanos[positions] += WEIGHT * (nanos - average);
        }
    }

    /** By the number of rows, up to a power of two. */
    private StepTime step(int rows) {
        return steps.get(Integer.SIZE - Integer.numberOfLeadingZeros(rows - 1));
    }

    /** By the position: below 512, 1024, 2048 and so on. */
    private static int positions(int position) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(position / 512);
    }

    /** Of passes without prompts. */
    private static final class StepTime {
        private static final int MOST_BETWEEN = 64;

        private final long[] last = new long[5];
        private int count;
        private int passesSince; // with prompts

        void observe(long nanos) {
            last[count % last.length] = nanos;
            count++;
            passesSince = 0;
        }

        /** The median of the last ones, which neither a cold start nor a pause moves. */
        long usual() {
            long[] known = Arrays.copyOf(last, Math.min(count, last.length));
            Arrays.sort(known);
            return known[(known.length - 1) / 2];
        }

        boolean isDue() {
            return passesSince + 1 >= Math.min(MOST_BETWEEN, 1 << Math.min(count, 10));
        }
    }
}
