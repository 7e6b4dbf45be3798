package dev.lathe.lab.predict;

import dev.lathe.figures.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * A learned prediction: a product of powers of features, such as an operation's rows, columns and bits and a
 * machine's threads. A ridge regression on logarithms; predictions are above 0. Immutable.
 *
 * <p>A small stand-in for networks that learn costs from programs and machines, such as NCPP (2024) or a cost model
 * of MLIR (2023): tens of measurements suffice, and it says its error.
 */
public final class PowerModel {
    private final double[] weights; // of the constant, then of the features

    private PowerModel(double... weights) {
        this.weights = weights;
    }

    /**
     * A measurement.
     *
     * @param features positive numbers, as many in every sample
     * @param target what was measured, positive
     */
    public record Sample(double[] features, double target) {
        /** Checks the numbers. */
        public Sample {
            if (!(target > 0 && target < Double.POSITIVE_INFINITY)
                    || !Arrays.stream(features).allMatch(x -> x > 0 && x < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("features " + Arrays.toString(features) + ", target " + target
                        + ": expected numbers above 0, since logarithms are taken");
            }
        }
    }

    /**
     * Fits; features that never vary get no weight.
     *
     * @param ridge strength of the pull of exponents to 0, such as 1e-6; 0 for plain least squares
     */
    public static PowerModel fit(List<Sample> samples, double ridge) {
        int features = samples.getFirst().features.length;
        RealMatrix design = new Array2DRowRealMatrix(samples.size() + features, features + 1);
        RealVector targets = new ArrayRealVector(samples.size() + features);
        for (int i = 0; i < samples.size(); i++) {
            if (samples.get(i).features.length != features) {
                throw new IllegalArgumentException("sample " + i + " has " + samples.get(i).features.length
                        + " features, the first one " + features + ": expected as many in all");
            }
            design.setEntry(i, 0, 1);
            for (int j = 0; j < features; j++) {
                design.setEntry(i, j + 1, Math.log(samples.get(i).features[j]));
            }
            targets.setEntry(i, Math.log(samples.get(i).target));
        }
        for (int j = 0; j < features; j++) {
            design.setEntry(samples.size() + j, j + 1, Math.sqrt(ridge));
        }
        return new PowerModel(new SingularValueDecomposition(design)
                .getSolver()
                .solve(targets)
                .toArray());
    }

    /** The prediction for features. */
    public double predict(double... features) {
        double sum = weights[0];
        for (int i = 0; i < features.length; i++) {
            sum += weights[i + 1] * Math.log(features[i]);
        }
        return Math.exp(sum);
    }

    /** Exponent of a feature. */
    public double exponent(int feature) {
        return weights[feature + 1];
    }

    /**
     * Relative errors, without sign, of each sample, predicted from the others' folds; sample i is of fold i modulo
     * folds.
     */
    public static Summary crossValidate(List<Sample> samples, double ridge, int folds) {
        if (folds < 2 || folds > samples.size()) {
            throw new IllegalArgumentException(
                    folds + " folds of " + samples.size() + " samples: expected from 2 to as many as samples");
        }
        double[] errors = new double[samples.size()];
        for (int fold = 0; fold < folds; fold++) {
            List<Sample> training = new ArrayList<>();
            for (int i = 0; i < samples.size(); i++) {
                if (i % folds != fold) {
                    training.add(samples.get(i));
                }
            }
            PowerModel model = fit(training, ridge);
            for (int i = fold; i < samples.size(); i += folds) {
                Sample sample = samples.get(i);
                errors[i] = Math.abs(model.predict(sample.features) - sample.target) / sample.target;
            }
        }
        return Summary.of(errors);
    }
}
