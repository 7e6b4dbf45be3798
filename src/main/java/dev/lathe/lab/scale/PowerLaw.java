package dev.lathe.lab.scale;

import dev.lathe.figures.Estimate;
import java.util.Arrays;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularMatrixException;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;

/**
 * A loss that falls with size as y = c + a x^-b, down to an irreducible part c. Fits what a model loses at so many
 * bits, weights or tokens, and tells how far the next step may get.
 *
 * <p>Hestness et al.: Deep Learning Scaling is Predictable, Empirically, 2017, arXiv:1712.00409. For a given exponent
 * the other two come from linear least squares, so the search is over one number; intervals are those of the fit made
 * linear at its end, and too narrow where points are few or all on the flat part.
 *
 * @param irreducible c
 * @param scale a
 * @param exponent b
 * @param residual standard deviation of a point from the law
 */
public record PowerLaw(Estimate irreducible, Estimate scale, Estimate exponent, double residual) {
    private static final double MOST = 8;
    private static final int GRID = 200;

    /**
     * Fits at least four points.
     *
     * @param sizes above 0, at least three different ones
     * @param losses one a size
     * @throws IllegalArgumentException if there are too few points to fit three numbers and tell their error
     */
    public static PowerLaw fit(double[] sizes, double... losses) {
        if (sizes.length != losses.length
                || sizes.length < 4
                || Arrays.stream(sizes).distinct().count() < 3) {
            throw new IllegalArgumentException(sizes.length + " sizes, " + losses.length
                    + " losses: expected four or more pairs with three or more different sizes");
        }
        if (!Arrays.stream(sizes).allMatch(size -> size > 0)) {
            throw new IllegalArgumentException("sizes " + Arrays.toString(sizes) + ": expected all above 0");
        }
        double unit = Math.exp(Arrays.stream(sizes).map(Math::log).average().orElseThrow());
        double[] x = Arrays.stream(sizes).map(size -> size / unit).toArray();
        int start = 1;
        for (int i = 1; i <= GRID; i++) {
            if (error(x, losses, MOST * i / GRID) < error(x, losses, MOST * start / GRID)) {
                start = i;
            }
        }
        double b = new BrentOptimizer(1e-12, 1e-14)
                .optimize(
                        new MaxEval(1000),
                        new UnivariateObjectiveFunction(exponent -> error(x, losses, exponent)),
                        GoalType.MINIMIZE,
                        new SearchInterval(MOST * (start - 1 + 1e-3) / GRID, MOST * (start + 1) / GRID))
                .getPoint();
        double[] line = line(x, losses, b);
        double residual = Math.sqrt(error(x, losses, b) / Math.max(1, sizes.length - 3));
        double[] half = halfWidths(x, line[1], b, residual);
        double back = Math.pow(unit, b);
        return new PowerLaw(
                around(line[0], half[0]), around(line[1] * back, half[1] * back), around(b, half[2]), residual);
    }

    /** The law's loss at a size; beyond the points fitted an extrapolation. */
    public double at(double size) {
        return irreducible.value() + scale.value() * Math.pow(size, -exponent.value());
    }

    private static Estimate around(double value, double half) {
        return new Estimate(value, value - half, value + half);
    }

    /** Intercept and slope of losses over x^-b. */
    private static double[] line(double[] x, double[] losses, double b) {
        double meanX = 0;
        double meanY = 0;
        for (int i = 0; i < x.length; i++) {
            meanX += Math.pow(x[i], -b) / x.length;
            meanY += losses[i] / x.length;
        }
        double products = 0;
        double squares = 0;
        for (int i = 0; i < x.length; i++) {
            double distance = Math.pow(x[i], -b) - meanX;
            products += distance * (losses[i] - meanY);
            squares += distance * distance;
        }
        double slope = products / squares;
        return new double[] {meanY - slope * meanX, slope};
    }

    private static double error(double[] x, double[] losses, double b) {
        double[] line = line(x, losses, b);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double rest = losses[i] - line[0] - line[1] * Math.pow(x[i], -b);
            sum += rest * rest;
        }
        return sum;
    }

    private static double[] halfWidths(double[] x, double a, double b, double residual) {
        RealMatrix slopes = new Array2DRowRealMatrix(x.length, 3);
        for (int i = 0; i < x.length; i++) {
            double power = Math.pow(x[i], -b);
            slopes.setRow(i, new double[] {1, power, -a * power * Math.log(x[i])});
        }
        double[] half = new double[3];
        Arrays.fill(half, Double.POSITIVE_INFINITY);
        try {
            RealMatrix covariance = new LUDecomposition(slopes.transpose().multiply(slopes))
                    .getSolver()
                    .getInverse();
            double t = new TDistribution(x.length - 3).inverseCumulativeProbability(0.975);
            for (int i = 0; i < half.length; i++) {
                half[i] = t * residual * Math.sqrt(Math.max(0, covariance.getEntry(i, i)));
            }
        } catch (SingularMatrixException flat) {
            return half; // the points do not tell the three apart
        }
        return half;
    }
}
