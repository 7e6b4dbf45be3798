package dev.lathe.route;

import java.util.Arrays;

/**
 * The probability of success as a logistic function of features. Immutable and thread-safe; the same data give the same
 * bits.
 *
 * <p>Fitted by iteratively reweighted least squares, with a ridge on the weights of features that are brought to mean 0
 * and deviation 1 (le Cessie and van Houwelingen: Ridge Estimators in Logistic Regression, 1992), so that it has a
 * solution even where a feature tells success and failure apart.
 */
public final class LogisticRegression {
    private static final int MOST_STEPS = 100;
    private static final int MOST_HALVINGS = 30;
    private static final double CONVERGED = 1e-10;

    private final double[] means;
    private final double[] deviations; // 1 where a feature never changes
    private final double[] weights; // the intercept first

    private LogisticRegression(double[] means, double[] deviations, double[] weights) {
        this.means = means;
        this.deviations = deviations;
        this.weights = weights;
    }

    /**
     * Fits to examples.
     *
     * @param features [examples x features], finite
     * @param successes [examples], each from 0 to 1: failure, success, or a share of successes
     * @param ridge penalty on squared weights, above 0; 1 suits some hundred examples
     * @throws IllegalArgumentException if lengths differ, there are no examples, or a number is out of its range
     */
    public static LogisticRegression fit(double[][] features, double[] successes, double ridge) {
        check(features, successes, ridge);
        int count = features[0].length;
        double[] means = new double[count];
        double[] deviations = new double[count];
        for (int f = 0; f < count; f++) {
            double sum = 0;
            for (double[] row : features) {
                sum += row[f];
            }
            means[f] = sum / features.length;
            double squares = 0;
            for (double[] row : features) {
                squares += (row[f] - means[f]) * (row[f] - means[f]);
            }
            deviations[f] = squares == 0 ? 1 : Math.sqrt(squares / features.length);
        }
        LogisticRegression empty = new LogisticRegression(means, deviations, new double[count + 1]);
        double[][] rows = Arrays.stream(features).map(empty::standardized).toArray(double[][]::new);
        return new LogisticRegression(means, deviations, optimum(rows, successes, ridge));
    }

    private static void check(double[][] features, double[] successes, double ridge) {
        if (features.length == 0 || features.length != successes.length) {
            throw new IllegalArgumentException(features.length + " rows of features and " + successes.length
                    + " successes: expected as many, and at least one");
        }
        for (double[] row : features) {
            if (row.length != features[0].length || !Arrays.stream(row).allMatch(Double::isFinite)) {
                throw new IllegalArgumentException("features are " + Arrays.toString(row) + ": expected "
                        + features[0].length + " finite numbers");
            }
        }
        for (double success : successes) {
            if (!(success >= 0 && success <= 1)) {
                throw new IllegalArgumentException("a success is " + success + ": expected a number from 0 to 1");
            }
        }
        if (!(ridge > 0 && ridge < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the ridge is " + ridge + ": expected a finite number above 0");
        }
    }

    /** The probability of success. */
    public double probability(double... features) {
        if (features.length != means.length) {
            throw new IllegalArgumentException(
                    features.length + " features: expected the " + means.length + " that were learned from");
        }
        return logistic(dot(weights, standardized(features)));
    }

    /** What a deviation of each feature adds to the logarithm of the odds. */
    public double[] weights() {
        return Arrays.copyOfRange(weights, 1, weights.length);
    }

    /** 1 for the intercept, then the features with mean 0 and deviation 1. */
    private double[] standardized(double... features) {
        double[] row = new double[features.length + 1];
        row[0] = 1;
        for (int f = 0; f < features.length; f++) {
            row[f + 1] = (features[f] - means[f]) / deviations[f];
        }
        return row;
    }

    private static double[] optimum(double[][] rows, double[] successes, double ridge) {
        double[] weights = new double[rows[0].length];
        double loss = loss(rows, successes, weights, ridge);
        for (int i = 0; i < MOST_STEPS; i++) {
            double[] step = newtonStep(rows, successes, weights, ridge);
            double before = loss;
            double[] next = weights;
            for (int halving = 0; halving < MOST_HALVINGS && loss >= before; halving++) {
                double size = StrictMath.pow(0.5, halving);
                next = weights.clone();
                for (int w = 0; w < next.length; w++) {
                    next[w] += size * step[w];
                }
                loss = loss(rows, successes, next, ridge);
            }
            if (!(loss < before)) {
                return weights;
            }
            weights = next;
            if (before - loss < CONVERGED * (1 + Math.abs(loss))) {
                return weights;
            }
        }
        return weights;
    }

    private static double loss(double[][] rows, double[] successes, double[] weights, double ridge) {
        double loss = 0;
        for (int w = 1; w < weights.length; w++) {
            loss += ridge / 2 * weights[w] * weights[w];
        }
        for (int i = 0; i < rows.length; i++) {
            double x = dot(weights, rows[i]);
            loss += Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))) - successes[i] * x;
        }
        return loss;
    }

    /** The solution of (X' W X + R) step = X' (y - p) - R w. */
    private static double[] newtonStep(double[][] rows, double[] successes, double[] weights, double ridge) {
        int n = weights.length;
        double[][] hessian = new double[n][n];
        double[] gradient = new double[n];
        for (int w = 0; w < n; w++) {
            hessian[w][w] = w == 0 ? 1e-12 : ridge; // all successes or all failures move the intercept alone
            gradient[w] = w == 0 ? 0 : -ridge * weights[w];
        }
        for (int i = 0; i < rows.length; i++) {
            double p = logistic(dot(weights, rows[i]));
            for (int a = 0; a < n; a++) {
                gradient[a] += rows[i][a] * (successes[i] - p);
                for (int b = 0; b <= a; b++) {
                    hessian[a][b] += p * (1 - p) * rows[i][a] * rows[i][b];
                }
            }
        }
        return solve(hessian, gradient);
    }

    /** Solves by Cholesky's decomposition, in place; the lower half of a positive definite matrix counts. */
    private static double[] solve(double[][] matrix, double[] right) {
        int n = right.length;
        for (int a = 0; a < n; a++) {
            for (int b = 0; b <= a; b++) {
                double sum = matrix[a][b];
                for (int k = 0; k < b; k++) {
                    sum -= matrix[a][k] * matrix[b][k];
                }
                matrix[a][b] = a == b ? Math.sqrt(Math.max(sum, Double.MIN_NORMAL)) : sum / matrix[b][b];
            }
        }
        double[] solution = right.clone();
        for (int a = 0; a < n; a++) {
            for (int k = 0; k < a; k++) {
                solution[a] -= matrix[a][k] * solution[k];
            }
            solution[a] /= matrix[a][a];
        }
        for (int a = n - 1; a >= 0; a--) {
            for (int k = a + 1; k < n; k++) {
                solution[a] -= matrix[k][a] * solution[k];
            }
            solution[a] /= matrix[a][a];
        }
        return solution;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double logistic(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }
}
