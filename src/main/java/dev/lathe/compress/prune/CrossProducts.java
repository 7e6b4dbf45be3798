package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/** Sums of products of inputs with each other and with what is to be added to a matrix's outputs; for a least-squares refit. */
final class CrossProducts {
    private final GramMatrix gram;
    private final int outputs;
    private final double[] sums; // [outputs x inputs]: residual times input

    CrossProducts(GramMatrix gram, int outputs) {
        this.gram = gram;
        this.outputs = outputs;
        sums = new double[Math.multiplyExact(outputs, gram.size())];
    }

    /**
     * Adds rows.
     *
     * @param inputs [rows x inputs]
     * @param residual what shall be added to the outputs, [rows x outputs]
     */
    void add(FloatMatrix inputs, FloatMatrix residual, Workers workers) {
        gram.add(inputs, workers);
        workers.run(outputs, output -> {
            int line = output * gram.size();
            for (int row = 0; row < inputs.rows(); row++) {
                double factor = residual.get(row, output);
                int offset = inputs.offset(row);
                for (int i = 0; i < gram.size(); i++) {
                    sums[line + i] += factor * inputs.data()[offset + i];
                }
            }
        });
    }

    /** The matrix W + R (G + dI)⁻¹ that gives the old outputs plus the residual as nearly as the damping d lets it. */
    FloatMatrix refit(FloatMatrix weights, double damping, Workers workers) {
        double[] change = sums.clone();
        Cholesky.of(gram.damped(damping), gram.size(), workers).solveRows(change, outputs);
        FloatMatrix result = FloatMatrix.zeros(weights.rows(), weights.columns());
        for (int i = 0; i < change.length; i++) {
            result.data()[i] = (float) (weights.data()[i] + change[i]);
        }
        return result;
    }
}
