package dev.lathe.compress.prune;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/** Removes the smallest weights of each matrix; the others stay as they are. */
final class Magnitude implements PruningMethod {
    @Override
    public String methodName() {
        return "magnitude";
    }

    @Override
    public Needs needs() {
        return Needs.NOTHING;
    }

    @Override
    public FloatMatrix prune(FloatMatrix weights, LinearInput input, Sparsity sparsity, Workers workers) {
        double[] scores = new double[weights.rows() * weights.columns()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.abs(weights.data()[i]);
        }
        return Mask.lowestOfMatrix(scores, weights.rows(), weights.columns(), sparsity)
                .apply(weights);
    }
}
