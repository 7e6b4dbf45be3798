package dev.lathe.measure;

/**
 * Coverage as a function of the number of samples: exp(a k^b).
 *
 * <p>Brown et al.: Large Language Monkeys, 2024, arXiv:2407.21787, section 3.1.
 *
 * @param a logarithm of the coverage of one sample; negative
 * @param b how fast more samples help; negative where they do
 */
public record CoverageCurve(double a, double b) {
    private static final int STEPS = 200;

    /** The coverage of k samples, from 0 to 1; beyond the samples drawn it is an extrapolation. */
    public double at(double k) {
        return StrictMath.exp(a * StrictMath.pow(k, b));
    }

    /** Least squares by Levenberg and Marquardt's method, from the line through log(-log coverage) over log k. */
    static CoverageCurve fit(int[] counts, double[] coverage) {
        CoverageCurve best = throughLogarithms(counts, coverage);
        double error = best.squaredError(counts, coverage);
        double damping = 1e-3;
        for (int step = 0; step < STEPS; step++) {
            CoverageCurve next = best.step(counts, coverage, damping);
            double nextError = next.squaredError(counts, coverage);
            if (nextError < error) {
                best = next;
                error = nextError;
                damping /= 4;
            } else {
                damping *= 4;
            }
        }
        return best;
    }

    private static CoverageCurve throughLogarithms(int[] counts, double[] coverage) {
        double meanX = 0;
        double meanY = 0;
        for (int i = 0; i < counts.length; i++) {
            meanX += StrictMath.log(counts[i]) / counts.length;
            meanY += StrictMath.log(-StrictMath.log(coverage[i])) / counts.length;
        }
        double products = 0;
        double squares = 0;
        for (int i = 0; i < counts.length; i++) {
            double x = StrictMath.log(counts[i]) - meanX;
            products += x * (StrictMath.log(-StrictMath.log(coverage[i])) - meanY);
            squares += x * x;
        }
        double slope = products / squares;
        return new CoverageCurve(-StrictMath.exp(meanY - slope * meanX), slope);
    }

    /** Solves the damped normal equations of the two parameters. */
    private CoverageCurve step(int[] counts, double[] coverage, double damping) {
        double aa = 0;
        double ab = 0;
        double bb = 0;
        double right1 = 0;
        double right2 = 0;
        for (int i = 0; i < counts.length; i++) {
            double power = StrictMath.pow(counts[i], b);
            double value = StrictMath.exp(a * power);
            double slopeA = value * power;
            double slopeB = value * power * a * StrictMath.log(counts[i]);
            double rest = coverage[i] - value;
            aa += slopeA * slopeA;
            ab += slopeA * slopeB;
            bb += slopeB * slopeB;
            right1 += slopeA * rest;
            right2 += slopeB * rest;
        }
        aa *= 1 + damping;
        bb *= 1 + damping;
        double determinant = aa * bb - ab * ab;
        return new CoverageCurve(
                a + (right1 * bb - right2 * ab) / determinant, b + (aa * right2 - ab * right1) / determinant);
    }

    private double squaredError(int[] counts, double[] coverage) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double rest = coverage[i] - at(counts[i]);
            sum += rest * rest;
        }
        return sum;
    }
}
