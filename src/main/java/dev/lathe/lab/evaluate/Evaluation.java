package dev.lathe.lab.evaluate;

import dev.lathe.figures.Estimate;
import dev.lathe.lab.judge.Verdict;
import dev.lathe.measure.Coverage;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.descriptive.moment.Variance;

/**
 * What came of a model on some problems. Immutable.
 *
 * @param scores one a problem
 * @param samples completions of each problem
 */
public record Evaluation(List<ProblemScore> scores, int samples) {
    private static final double CONFIDENCE = 0.95;

    /** Copies the list. */
    public Evaluation {
        scores = List.copyOf(scores);
        if (scores.isEmpty()) {
            throw new IllegalArgumentException("an evaluation of no problems: expected at least one");
        }
    }

    /**
     * The probability that at least one of k completions passes, over problems such as these, with an interval that
     * holds it with 95% confidence.
     *
     * <p>The estimate is the unbiased one of Chen et al., 2021, arXiv:2107.03374. The interval is Wilson's for a
     * share, of as many independent trials as would vary like the problems' own estimates do (the effective sample
     * size of Korn and Graubard, 1998), at most two a problem, since a choice of problems that missed the rare kinds
     * looks too much alike. It counts that problems differ, stays between 0 and 1, and has a width where no problem
     * is solved.
     *
     * @param k from 1 to the number of samples
     */
    public Estimate passAt(int k) {
        double[] shares = scores.stream()
                .mapToDouble(score -> Coverage.passAt(k, samples, score.passed()))
                .toArray();
        return share(shares);
    }

    /** Mean of the problems' proficiency scores. */
    public double proficiency() {
        return scores.stream().mapToDouble(ProblemScore::proficiency).average().orElseThrow();
    }

    /** How many completions got each verdict. */
    public Map<Verdict, Integer> verdicts() {
        Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        for (Verdict verdict : Verdict.values()) {
            counts.put(
                    verdict,
                    scores.stream().mapToInt(score -> score.count(verdict)).sum());
        }
        return counts;
    }

    static Estimate share(double... shares) {
        double mean = 0;
        for (double share : shares) {
            mean += share / shares.length;
        }
        mean = Math.min(1, mean);
        double varianceOfMean = shares.length < 2 ? 0 : new Variance().evaluate(shares) / shares.length;
        double trials = Math.clamp(mean * (1 - mean) / varianceOfMean, 1, 2.0 * shares.length); // 0 / 0 is not a number
        if (Double.isNaN(trials)) {
            trials = shares.length;
        }
        double z = new NormalDistribution().inverseCumulativeProbability(0.5 + CONFIDENCE / 2);
        double centre = (mean + z * z / (2 * trials)) / (1 + z * z / trials);
        double half = z / (1 + z * z / trials) * Math.sqrt(mean * (1 - mean) / trials + z * z / (4 * trials * trials));
        return new Estimate(
                mean, Math.min(mean, Math.max(0, centre - half)), Math.max(mean, Math.min(1, centre + half)));
    }
}
