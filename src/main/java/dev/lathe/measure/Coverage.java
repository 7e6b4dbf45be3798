package dev.lathe.measure;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How many of some problems are solved by at least one of k samples, estimated from n samples of each. Immutable.
 *
 * <p>Chen et al.: Evaluating Large Language Models Trained on Code, 2021, arXiv:2107.03374, section 2.1; Brown et al.:
 * Large Language Monkeys, 2024, arXiv:2407.21787.
 */
public final class Coverage {
    private static final int FITTED_POINTS = 40;

    private final int samples;
    private final int[] correct;

    private Coverage(int samples, int... correct) {
        this.samples = samples;
        this.correct = correct;
    }

    /**
     * Of problems with the same number of samples each.
     *
     * @param samples samples of each problem
     * @param correct how many of them are correct, one number a problem
     * @throws IllegalArgumentException if there is no problem, or a number is negative or above the samples
     */
    public static Coverage of(int samples, int... correct) {
        if (correct.length == 0) {
            throw new IllegalArgumentException("coverage of no problems: expected at least one");
        }
        Arrays.stream(correct).forEach(count -> passAt(1, samples, count));
        return new Coverage(samples, correct.clone());
    }

    /**
     * The unbiased estimate of the probability that at least one of k samples is correct, 1 - C(n - c, k) / C(n, k).
     *
     * @param k from 1 to {@code samples}
     * @param samples n, at least 1
     * @param correct c, how many of the samples are correct
     * @throws IllegalArgumentException if k is above the samples, for which there is no such estimate
     */
    public static double passAt(int k, int samples, int correct) {
        if (k < 1 || k > samples) {
            throw new IllegalArgumentException("pass@" + k + " of " + samples + " samples: expected k from 1 to "
                    + samples + "; draw more samples");
        }
        if (correct < 0 || correct > samples) {
            throw new IllegalArgumentException(
                    correct + " of " + samples + " samples correct: expected 0 to " + samples);
        }
        double allWrong = 1;
        for (int i = samples - correct + 1; i <= samples; i++) {
            allWrong *= i <= k ? 0 : 1 - (double) k / i;
        }
        return 1 - allWrong;
    }

    /** Mean of pass@k over the problems. */
    public double at(int k) {
        return Arrays.stream(correct)
                .mapToDouble(count -> passAt(k, samples, count))
                .average()
                .orElseThrow();
    }

    /**
     * The power law in the exponent, exp(a k^b), nearest to the coverage in least squares, over up to 40 numbers of
     * samples spaced evenly in their logarithm.
     *
     * @throws ArithmeticException if fewer than two of them have a coverage between 0 and 1, which says nothing of a
     *     curve
     */
    public CoverageCurve fit() {
        int[] counts = IntStream.range(0, FITTED_POINTS)
                .map(i -> (int) Math.round(StrictMath.pow(samples, i / (FITTED_POINTS - 1.0))))
                .distinct()
                .filter(k -> at(k) > 0 && at(k) < 1)
                .toArray();
        if (counts.length < 2) {
            throw new ArithmeticException("no curve fits: coverage is between 0 and 1 for " + counts.length
                    + " numbers of samples only, expected at least 2; take more or other problems or samples");
        }
        return CoverageCurve.fit(
                counts, Arrays.stream(counts).mapToDouble(this::at).toArray());
    }
}
