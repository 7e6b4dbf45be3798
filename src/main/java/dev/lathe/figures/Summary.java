package dev.lathe.figures;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/**
 * What repeated measurements say: means hide two humps, so the order statistics come with them. Immutable.
 *
 * @param count number of measurements, at least 1
 * @param mean their mean
 * @param deviation standard deviation of a single one; 0 of one
 * @param least smallest: of times, the one that others disturbed least
 * @param median middle one
 * @param p95 95th percentile
 * @param p99 99th percentile
 * @param most largest
 */
public record Summary(
        int count, double mean, double deviation, double least, double median, double p95, double p99, double most) {
    /**
     * Of measurements in any order and unit.
     *
     * @throws IllegalArgumentException if there are none, or one is not finite
     */
    public static Summary of(double... values) {
        if (values.length == 0 || !Arrays.stream(values).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "a summary of " + Arrays.toString(values) + ": expected at least one number, all finite");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        Percentile percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
        return new Summary(
                values.length,
                StatUtils.mean(sorted),
                values.length == 1 ? 0 : Math.sqrt(StatUtils.variance(sorted)),
                sorted[0],
                percentile.evaluate(sorted, 50),
                percentile.evaluate(sorted, 95),
                percentile.evaluate(sorted, 99),
                sorted[sorted.length - 1]);
    }

    /** Of a list's measurements, likewise. */
    public static Summary of(Collection<? extends Number> values) {
        return of(values.stream().mapToDouble(Number::doubleValue).toArray());
    }

    /**
     * The mean with the interval that holds the true one with 95% confidence, by Student's t; of one measurement,
     * unbounded.
     */
    public Estimate meanEstimate() {
        if (count == 1) {
            return new Estimate(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        double half = new TDistribution(count - 1).inverseCumulativeProbability(0.975) * deviation / Math.sqrt(count);
        return new Estimate(mean, mean - half, mean + half);
    }

    /** Standard deviation as a share of the mean. */
    public double noise() {
        return mean == 0 ? 0 : deviation / Math.abs(mean);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "median %.4g, %.4g to %.4g, n = %d", median, least, most, count);
    }
}
