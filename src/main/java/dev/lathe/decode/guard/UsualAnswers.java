package dev.lathe.decode.guard;

import java.util.Arrays;

/**
 * Learns what answers of one kind usually are, such as summaries or calls of tools, from those that came to an end of
 * their own; make one for each kind. What was cut or flagged teaches nothing, so that whoever wants long answers cannot
 * teach it that they are usual. It remembers the last 512 answers. Thread-safe.
 */
public final class UsualAnswers {
    /** Fewer answers tell nothing about the usual one. */
    public static final int LEAST_ANSWERS = 20;

    private static final int REMEMBERED = 512;
    private static final double DEVIATIONS = 3;

    private final double[] tokens = new double[REMEMBERED];
    private final double[] ends = new double[REMEMBERED];
    private final double[] entropies = new double[REMEMBERED];
    private long count;

    /** Nothing is known yet. */
    public UsualAnswers() {}

    /**
     * The guard for the next answer: loops are detected, each token is observed, and once 20 answers were seen there is
     * a length budget of three standard deviations. It is a value: an answer can be repeated with it at any time.
     */
    public synchronized Guard guard() {
        Guard guard = Guard.NONE.loopDetection(LoopDetection.DEFAULT).observing();
        if (count < LEAST_ANSWERS) {
            return guard;
        }
        UsualAnswer usual = usual();
        return guard.usual(usual).lengthBudget(usual.budget(DEVIATIONS));
    }

    /**
     * Learns from an answer.
     *
     * @param statistics what was noted of it
     * @param tokens its length
     * @param endedByItself whether the model ended it, or a stop string
     */
    public synchronized void observe(GuardStatistics statistics, int tokens, boolean endedByItself) {
        if (!endedByItself || statistics.isUnusual() || tokens == 0) {
            return;
        }
        int place = (int) (count++ % REMEMBERED);
        this.tokens[place] = tokens;
        ends[place] = statistics.endLogProbability();
        entropies[place] = statistics.entropy();
    }

    /** How many answers it learned from. */
    public synchronized long count() {
        return count;
    }

    private UsualAnswer usual() {
        int known = (int) Math.min(count, REMEMBERED);
        double[] sorted = Arrays.copyOf(tokens, known);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(0.99 * known) - 1;
        return new UsualAnswer(
                count,
                mean(tokens, known),
                deviation(tokens, known),
                (int) sorted[rank],
                mean(ends, known),
                deviation(ends, known),
                mean(entropies, known),
                deviation(entropies, known));
    }

    private static double mean(double[] numbers, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += numbers[i];
        }
        return sum / count;
    }

    private static double deviation(double[] numbers, int count) {
        double mean = mean(numbers, count);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (numbers[i] - mean) * (numbers[i] - mean);
        }
        return Math.sqrt(sum / (count - 1));
    }
}
