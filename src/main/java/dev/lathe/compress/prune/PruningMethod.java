package dev.lathe.compress.prune;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/** Chooses the weights of a matrix to remove, and what becomes of the others. Immutable and thread-safe. */
interface PruningMethod {
    /** The method's name in reports. */
    String methodName();

    /** What it must know of the inputs. */
    Needs needs();

    /**
     * Removes weights.
     *
     * @param weights [outputs x inputs], not changed
     * @param input what they are multiplied with; null where nothing is needed
     * @param sparsity how many to remove
     * @return the matrix with zeros
     * @throws IllegalArgumentException if the matrix is no whole number of the sparsity's groups
     */
    FloatMatrix prune(FloatMatrix weights, LinearInput input, Sparsity sparsity, Workers workers);

    /** Knowledge of the inputs. */
    enum Needs {
        /** None: no calibration. */
        NOTHING,
        /** The sums of squares. */
        SQUARES,
        /** Sums of squares and the Gram matrix. */
        GRAM
    }
}
