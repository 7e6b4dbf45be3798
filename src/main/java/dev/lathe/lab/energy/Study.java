package dev.lathe.lab.energy;

import dev.lathe.figures.Estimate;
import dev.lathe.figures.Summary;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.inference.OneWayAnova;
import org.apache.commons.math3.stat.inference.TTest;

/**
 * Whether measurements of two or more configurations differ by more than their noise. Take turns when measuring them.
 */
public final class Study {
    private Study() {}

    /**
     * What a comparison says.
     *
     * @param first measurements of the first
     * @param second measurements of the second
     * @param difference mean of the second less that of the first, with its 95% interval
     * @param pValue how probable a difference at least as large is where there is none
     */
    public record Comparison(Summary first, Summary second, Estimate difference, double pValue) {}

    /**
     * Welch's t-test: two configurations whose measurements may be noisy to different degrees.
     *
     * @throws IllegalArgumentException if one has fewer than two measurements, or neither varies
     */
    public static Comparison compare(double[] first, double[] second) {
        if (first.length < 2 || second.length < 2) {
            throw new IllegalArgumentException(first.length + " and " + second.length
                    + " measurements: expected at least two of each; repeat the runs");
        }
        double a = StatUtils.variance(first) / first.length;
        double b = StatUtils.variance(second) / second.length;
        if (a + b == 0) {
            throw new IllegalArgumentException(
                    "no measurement differs from another of its configuration: there is no noise to compare with");
        }
        double freedom = (a + b) * (a + b) / (a * a / (first.length - 1) + b * b / (second.length - 1));
        double difference = StatUtils.mean(second) - StatUtils.mean(first);
        double half = new TDistribution(freedom).inverseCumulativeProbability(0.975) * Math.sqrt(a + b);
        return new Comparison(
                Summary.of(first),
                Summary.of(second),
                new Estimate(difference, difference - half, difference + half),
                new TTest().tTest(first, second));
    }

    /**
     * One-way analysis of variance: the probability of means as far apart as these where all configurations are alike.
     *
     * @param groups measurements of each configuration, two or more of two or more
     */
    public static double anova(List<double[]> groups) {
        if (groups.size() < 2 || groups.stream().anyMatch(group -> group.length < 2)) {
            throw new IllegalArgumentException(
                    "groups of " + groups.stream().map(group -> group.length).toList()
                            + " measurements: expected two or more groups of two or more");
        }
        if (groups.stream().allMatch(group -> Arrays.stream(group).distinct().count() == 1)) {
            throw new IllegalArgumentException("no group varies: there is no noise to compare with");
        }
        return new OneWayAnova().anovaPValue(groups);
    }
}
