package dev.lathe.compress.prune;

import dev.lathe.compress.LayerSet;

/**
 * Makes the transforms that remove weights.
 *
 * <pre>{@code
 * Recipe.of(Prune.feedForward(0.2), Prune.wanda(Sparsity.of(2, 4)).on(LayerSet.attention()))
 *         .calibratedOn(Calibration.text(Path.of("calibration.txt")));
 * }</pre>
 */
public final class Prune {
    private Prune() {}

    /** Sets the smallest weights of each matrix to zero. Needs no calibration. */
    public static MaskPruning magnitude(Sparsity sparsity) {
        return new MaskPruning(new Magnitude(), sparsity, LayerSet.all(), false);
    }

    /**
     * Sets to zero, in each row of each matrix, the weights that are smallest when multiplied with the norm of their input.
     *
     * <p>Source: Sun, Liu, Bair, Kolter 2023, arXiv 2306.11695.
     */
    public static MaskPruning wanda(Sparsity sparsity) {
        return new MaskPruning(new Wanda(), sparsity, LayerSet.all(), false);
    }

    /**
     * Sets weights to zero and changes the others so that the outputs stay near.
     *
     * <p>Source: Frantar, Alistarh 2023, arXiv 2301.00774.
     */
    public static MaskPruning sparseGpt(Sparsity sparsity) {
        return new MaskPruning(new SparseGpt(), sparsity, LayerSet.all(), false);
    }

    /**
     * Removes this share of the feed-forward channels of every layer, rounded so that a multiple of 32 stays.
     *
     * @param fraction 0 up to, but not including, 1
     */
    public static FeedForwardPruning feedForward(double fraction) {
        return new FeedForwardPruning(LayerFractions.uniform(fraction), true);
    }

    /** Removes a share of the feed-forward channels of each layer, one number a layer. */
    public static FeedForwardPruning feedForwardByLayer(double... fractions) {
        return new FeedForwardPruning(LayerFractions.each(fractions), true);
    }

    /**
     * Has this share of what feed-forward parts read, and of what their last matrices read, count as zero: the elements of the
     * smallest magnitudes, below a threshold of each layer. A share of 0 changes nothing.
     *
     * <p>Source: Liu, Ponnusamy, Cai, Guo, Kim, Athiwaratkun, "Training-Free Activation Sparsity in Large Language Models"
     * (TEAL), 2024, arXiv 2408.14690; of gates alone: Lee, Lee, Zhang, Tiwari, Mirhoseini, "CATS", 2024, arXiv 2404.08763.
     *
     * @param share 0 up to, but not including, 1
     */
    public static ThresholdPruning activations(double share) {
        return ThresholdPruning.ofActivations(share);
    }

    /**
     * Has this share of the neurons of feed-forward parts count as inactive by what their gates say: those whose function of the gate
     * has the smallest magnitude, below a threshold of each layer. A share of 0 changes nothing.
     *
     * <p>Source: Lee, Lee, Zhang, Tiwari, Mirhoseini, "CATS: Contextually-Aware Thresholding for Sparsity in Large Language
     * Models", 2024, arXiv 2404.08763.
     *
     * @param share 0 up to, but not including, 1
     */
    public static ThresholdPruning gates(double share) {
        return ThresholdPruning.ofGates(share);
    }

    /**
     * Removes this share of the experts of every layer that has some, rounded; as many stay as a token takes, at least.
     *
     * @param fraction 0 up to, but not including, 1
     */
    public static ExpertPruning experts(double fraction) {
        return new ExpertPruning(fraction, false);
    }

    /**
     * Removes this share of the key/value heads of every layer, each with its heads of queries, rounded; one at least stays.
     *
     * @param fraction 0 up to, but not including, 1
     */
    public static HeadPruning heads(double fraction) {
        return new HeadPruning(LayerFractions.uniform(fraction), true);
    }

    /** Removes a share of the key/value heads of each layer, one number a layer. */
    public static HeadPruning headsByLayer(double... fractions) {
        return new HeadPruning(LayerFractions.each(fractions), true);
    }

    /**
     * Removes this share of the blocks of 64 rows and 32 columns, over all matrices together those that cost the outputs least.
     * What is left is smaller and faster.
     *
     * @param fraction 0 up to, but not including, 1
     */
    public static BlockPruning blocks(double fraction) {
        return BlockPruning.of(fraction);
    }

    /** Removes so many whole layers, those that change the hidden rows the least; the first and the last stay. */
    public static LayerPruning layers(int count) {
        return new LayerPruning(count, true);
    }
}
