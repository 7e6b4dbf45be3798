package dev.lathe.decode.speculative;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a planner tries out, whatever it has measured of it: each of its drafts at several lengths, and plain decoding.
 * What looks slow may not be any more. One comes up from time to time, as long as all of them together have lost no
 * more than a small share of the time.
 */
final class Trials {
    private static final double MOST_LOSS = 0.01;
    private static final int PLANNED_STEPS_BETWEEN = 12;
    private static final int[] LENGTHS = {3, 7, 1};

    /** A chain of so many tokens by one draft; of none for plain decoding. */
    record Trial(int draft, int length) {}

    private final List<Trial> trials = new ArrayList<>();
    private final int first;
    private int count;
    private int plannedSteps; // since the last trial
    private double lostPasses;
    private double allPasses;

    Trials(int drafts) {
        trials.add(new Trial(0, 0));
        for (int length : LENGTHS) {
            for (int draft = 0; draft < drafts; draft++) {
                trials.add(new Trial(draft, length));
            }
        }
        first = 1 + drafts; // so many are needed to plan at all
    }

    /** What the next step tries out, if anything. */
    Optional<Trial> next() {
        boolean isDue = count < first || plannedSteps >= PLANNED_STEPS_BETWEEN && lostPasses <= MOST_LOSS * allPasses;
        return isDue ? Optional.of(trials.get(count++ % trials.size())) : Optional.empty();
    }

    /**
     * Learns what a step took, in passes of one row: so that what was lost to code not compiled yet does not count more
     * than it would now.
     *
     * @param plannedPasses what its tokens take when nothing is tried out
     */
    void observe(boolean onTrial, double passes, double plannedPasses) {
        allPasses += passes;
        plannedSteps = onTrial ? 0 : plannedSteps + 1;
        lostPasses = Math.max(0, lostPasses + (onTrial ? passes - plannedPasses : 0));
    }
}
