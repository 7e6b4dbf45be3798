package dev.lathe.compress.prune;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/**
 * Removes from each row the weights with the smallest |w_ij| * ||x_j||, the norm over all calibration tokens; the others
 * stay as they are.
 *
 * <p>Source: Sun, Liu, Bair, Kolter 2023, "A Simple and Effective Pruning Approach for Large Language Models", arXiv
 * 2306.11695, section 3.
 */
final class Wanda implements PruningMethod {
    @Override
    public String methodName() {
        return "wanda";
    }

    @Override
    public Needs needs() {
        return Needs.SQUARES;
    }

    @Override
    public FloatMatrix prune(FloatMatrix weights, LinearInput input, Sparsity sparsity, Workers workers) {
        double[] scores = new double[weights.rows() * weights.columns()];
        for (int row = 0; row < weights.rows(); row++) {
            for (int column = 0; column < weights.columns(); column++) {
                int i = weights.offset(row) + column;
                scores[i] = Math.abs(weights.data()[i]) * Math.sqrt(input.squares()[column]);
            }
        }
        return Mask.lowestOfRows(scores, weights.rows(), weights.columns(), sparsity)
                .apply(weights);
    }
}
