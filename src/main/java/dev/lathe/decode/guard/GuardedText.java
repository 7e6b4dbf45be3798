package dev.lathe.decode.guard;

import dev.lathe.decode.sampling.LogitSummary;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * One generated text as its guard sees it. Strategies may commit more than is delivered: rows are observed as they are
 * committed, tokens judged as they are delivered. One thread at a time.
 */
public final class GuardedText {
    private static final double LEAST_LOG_PROBABILITY = -60; // of an end that cannot be

    private final Guard guard;
    private final int[] endTokens;
    private final Optional<LoopDetection.Run> loop;
    private double[] ends = {}; // [committed token]
    private double[] entropies = {};
    private int observed;

    private GuardedText(Guard guard, int... endTokens) {
        this.guard = guard;
        this.endTokens = endTokens;
        this.loop = guard.loopDetection().map(LoopDetection::start);
    }

    /**
     * A text before its first token.
     *
     * @param isEnd which tokens end a text
     */
    public static GuardedText of(Guard guard, int vocabularySize, IntPredicate isEnd) {
        boolean usesEnds = guard.lengthBudget().isPresent() || guard.observes();
        int[] endTokens =
                usesEnds ? IntStream.range(0, vocabularySize).filter(isEnd).toArray() : new int[0];
        return new GuardedText(guard, endTokens);
    }

    /** A text that may be any. */
    public static GuardedText free() {
        return new GuardedText(Guard.NONE);
    }

    /** What is added to the logits of the end tokens at an index of the generated text; 0 where nothing is. */
    public float endBias(int index) {
        return endTokens.length == 0
                ? 0
                : guard.lengthBudget().map(budget -> budget.bias(index)).orElse(0f);
    }

    /** Adds to the logits of the end tokens, in place. */
    public void addToEnds(float bias, float[] row) {
        for (int end : endTokens) {
            row[end] += bias;
        }
    }

    /** Notes the row that a committed token was chosen from. */
    public void observe(float[] logits, int offset, int columns) {
        if (!guard.observes()) {
            return;
        }
        if (observed == ends.length) {
            ends = Arrays.copyOf(ends, Math.max(64, 2 * observed));
            entropies = Arrays.copyOf(entropies, ends.length);
        }
        LogitSummary row = LogitSummary.of(logits, offset, columns);
        double end = 0;
        for (int token : endTokens) {
            end += StrictMath.exp(logits[offset + token] - row.logSum());
        }
        ends[observed] = Math.max(LEAST_LOG_PROBABILITY, StrictMath.log(end));
        entropies[observed++] = row.entropy();
    }

    /** Whether a delivered token ends a loop. */
    public boolean isLoop(int token) {
        return loop.map(run -> run.accept(token)).orElse(false);
    }

    /** Whether no more tokens than these may be delivered. */
    public boolean isFull(int tokens) {
        return guard.lengthBudget()
                .filter(budget -> tokens >= budget.hardTokens())
                .isPresent();
    }

    /** What was noted, of the tokens that were delivered; empty if the guard is none. */
    public Optional<GuardStatistics> statistics(int delivered) {
        if (guard.isNone()) {
            return Optional.empty();
        }
        int known = Math.min(delivered, observed);
        double end = mean(ends, known);
        double entropy = mean(entropies, known);
        boolean unusual = guard.usual()
                .filter(usual -> usual.isUnusual(delivered, end, entropy))
                .isPresent();
        return Optional.of(new GuardStatistics(guard, end, entropy, unusual));
    }

    private static double mean(double[] numbers, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += numbers[i];
        }
        return count == 0 ? 0 : sum / count;
    }
}
