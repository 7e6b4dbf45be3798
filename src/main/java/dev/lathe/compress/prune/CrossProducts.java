package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;

/** Sums of products of inputs with each other and with what is to be added to a matrix's outputs; for a least-squares refit. */
final class CrossProducts {
    private final GramMatrix gram;
    private final int inputs;
    private final int outputs;
    private final double[] sums; // [outputs x inputs]: residual times input
    private double squares; // of the residual

    CrossProducts(int inputs, int outputs) {
        gram = new GramMatrix(inputs);
        this.inputs = inputs;
        this.outputs = outputs;
        sums = new double[Math.multiplyExact(outputs, inputs)];
    }

    /**
     * Adds rows.
     *
     * @param rows [rows x inputs]
     * @param residual what shall be added to the outputs, [rows x outputs]
     */
    void add(FloatMatrix rows, FloatMatrix residual, Workers workers) {
        gram.add(rows, workers);
        workers.run(outputs, output -> {
            int line = output * inputs;
            for (int row = 0; row < rows.rows(); row++) {
                double factor = residual.get(row, output);
                int offset = rows.offset(row);
                for (int i = 0; i < inputs; i++) {
                    sums[line + i] += factor * rows.data()[offset + i];
                }
            }
        });
        for (int i = 0; i < residual.rows() * residual.columns(); i++) {
            squares += (double) residual.data()[i] * residual.data()[i];
        }
    }

    /** Adds all rows that another has seen. */
    void add(CrossProducts other) {
        gram.add(other.gram);
        for (int i = 0; i < sums.length; i++) {
            sums[i] += other.sums[i];
        }
        squares += other.squares;
    }

    /** The change R (G + dI)⁻¹ [outputs x inputs] of a matrix that adds the residual as nearly as the damping d lets it. */
    double[] change(double damping, Workers workers) {
        double[] change = sums.clone();
        Cholesky.of(gram.damped(damping), inputs, workers).solveRows(change, outputs);
        return change;
    }

    /**
     * The share of the residual's squares that a change makes up for on these rows: 1 at best, below 0 if it does harm;
     * (2 tr(D Rᵀ) - tr(D G Dᵀ)) / squares.
     */
    double madeUpBy(double[] change, Workers workers) {
        double[] g = gram.toArray();
        double[] byOutput = new double[outputs];
        workers.run(outputs, output -> {
            int line = output * inputs;
            for (int i = 0; i < inputs; i++) {
                double product = 0;
                for (int j = 0; j < inputs; j++) {
                    product += g[i * inputs + j] * change[line + j];
                }
                byOutput[output] += change[line + i] * (2 * sums[line + i] - product);
            }
        });
        return squares > 0 ? Arrays.stream(byOutput).sum() / squares : 0;
    }
}
