package dev.lathe.compress.lowrank;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.TruncatedSvd;
import dev.lathe.tensor.Workers;
import java.util.Optional;

/**
 * A weight matrix W [outputs x inputs] as the product of two factors. With U the first left singular vectors of W S, the
 * factors U [outputs x rank] and Uᵀ W [rank x inputs] have the least error |(W - U Uᵀ W) S| of all of that rank. Without texts S
 * is the identity and the error is that of the weights; with S Sᵀ the Gram matrix of the inputs it is that of the outputs.
 *
 * <p>Eckart and Young, "The approximation of one matrix by another of lower rank", 1936; Wang et al., "SVD-LLM: Truncation-aware
 * Singular Value Decomposition for Large Language Model Compression", 2024, arXiv 2403.07378, section 3.1, whose factors have
 * the same product. All the scale is in the second factor's rows, where quantized blocks have scales of their own.
 *
 * <p>What was decomposed is kept for further ranks. Not thread-safe.
 */
final class Factorization {
    /** Sides from which sampling a few singular vectors is quicker than computing all. */
    private static final int RANDOMIZED_SIZE = 1024;

    private static final long SEED = 2011;

    private final Matrix weights;
    private final Matrix spread; // W S
    private final Workers workers;
    private TruncatedSvd known; // or null

    private Factorization(Matrix weights, Matrix spread, Workers workers) {
        this.weights = weights;
        this.spread = spread;
        this.workers = workers;
    }

    /**
     * Prepares a matrix.
     *
     * @param root a square root of the Gram matrix of the inputs, see {@link #root}; empty for the error of the weights
     */
    static Factorization of(Matrix weights, Optional<Matrix> root, Workers workers) {
        return new Factorization(
                weights, root.map(s -> weights.times(s, workers)).orElse(weights), workers);
    }

    /** The square root S of a Gram matrix, which all matrices that read these inputs share. */
    static Matrix root(GramMatrix gram) {
        return Cholesky.damped(new Matrix(gram.toArray(), gram.size(), gram.size()));
    }

    /** Outputs. */
    int rows() {
        return weights.rows();
    }

    /** Inputs. */
    int columns() {
        return weights.columns();
    }

    /** The singular vectors of W S, at least {@code rank} of them. */
    TruncatedSvd decompose(int rank) {
        if (known == null || known.squares().length < rank) {
            int side = Math.min(spread.rows(), spread.columns());
            known = side >= RANDOMIZED_SIZE && rank < side / 4
                    ? TruncatedSvd.randomized(spread, rank, SEED, workers)
                    : TruncatedSvd.exact(spread, workers);
        }
        return known;
    }

    /** The factors of a rank. */
    Factors factors(int rank) {
        TruncatedSvd svd = decompose(rank);
        Matrix out = svd.left().firstColumns(rank);
        Matrix in = out.transposeTimes(weights, workers);
        return new Factors(in, out, Math.sqrt(svd.error(rank) / svd.total()));
    }

    /**
     * Two factors.
     *
     * @param in [rank x inputs]
     * @param out [outputs x rank]
     * @param error relative: of the outputs on the calibration texts, or of the weights
     */
    record Factors(Matrix in, Matrix out, double error) {}
}
