package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.algebra.Cholesky;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;

/** What is left of a matrix when blocks are removed. */
final class BlockFit {
    private BlockFit() {}

    /** {@link #fitted} or {@link #masked}. */
    static FloatMatrix of(FloatMatrix weights, BlockMask mask, GramMatrix gram, boolean compensated, Workers workers) {
        return compensated ? fitted(weights, mask, gram, workers) : masked(weights, mask);
    }

    /** The weights of the present blocks as they are, zeros elsewhere. */
    static FloatMatrix masked(FloatMatrix weights, BlockMask mask) {
        FloatMatrix result = FloatMatrix.zeros(weights.rows(), weights.columns());
        for (int row = 0; row < weights.rows(); row++) {
            for (int block : mask.presentIn(row / BlockMask.ROWS)) {
                int at = weights.offset(row) + block * mask.columns();
                System.arraycopy(weights.data(), at, result.data(), at, mask.columns());
            }
        }
        return result;
    }

    /**
     * The weights of the present blocks that come nearest to the outputs of the whole matrix: for the present columns K of a
     * stripe, W H_:K (H_KK)⁻¹ with the damped Gram matrix H.
     */
    static FloatMatrix fitted(FloatMatrix weights, BlockMask mask, GramMatrix gram, Workers workers) {
        double[] h = gram.damped(Damping.FITTING);
        FloatMatrix result = FloatMatrix.zeros(weights.rows(), weights.columns());
        for (int stripe = 0; stripe < mask.stripeCount(); stripe++) {
            int[] blocks = mask.presentIn(stripe);
            if (blocks.length == mask.blocksPerStripe()) { // nothing to make up for
                int from = weights.offset(stripe * BlockMask.ROWS);
                int to = weights.offset(Math.min(weights.rows(), (stripe + 1) * BlockMask.ROWS));
                System.arraycopy(weights.data(), from, result.data(), from, to - from);
            } else if (blocks.length > 0) {
                fit(weights, stripe, columns(blocks, mask.columns()), h, result, workers);
            }
        }
        return result;
    }

    private static int[] columns(int[] blocks, int width) {
        return Arrays.stream(blocks)
                .flatMap(block -> java.util.stream.IntStream.range(block * width, (block + 1) * width))
                .toArray();
    }

    private static void fit(
            FloatMatrix weights, int stripe, int[] kept, double[] h, FloatMatrix result, Workers workers) {
        int columns = weights.columns();
        int first = stripe * BlockMask.ROWS;
        int rows = Math.min(BlockMask.ROWS, weights.rows() - first);
        double[] left = new double[kept.length * kept.length];
        for (int i = 0; i < kept.length; i++) {
            for (int j = 0; j < kept.length; j++) {
                left[i * kept.length + j] = h[kept[i] * columns + kept[j]];
            }
        }
        double[] target = new double[rows * kept.length];
        workers.run(rows, row -> {
            for (int i = 0; i < kept.length; i++) {
                int line = kept[i] * columns; // symmetric
                double sum = 0;
                for (int j = 0; j < columns; j++) {
                    sum += weights.data()[weights.offset(first + row) + j] * h[line + j];
                }
                target[row * kept.length + i] = sum;
            }
        });
        Cholesky.of(left, kept.length, workers).solveRows(target, rows);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < kept.length; i++) {
                result.data()[result.offset(first + row) + kept[i]] = (float) target[row * kept.length + i];
            }
        }
    }
}
