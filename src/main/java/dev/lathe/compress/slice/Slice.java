package dev.lathe.compress.slice;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.RemovedShare;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes the residual stream shorter: each of its signals, from the embedding to the last layer, is rotated onto its principal
 * directions on the calibration texts, and the least of them are cut off, with the rows and columns of all matrices that touch
 * them. Heads, feed-forward sizes and caches stay as they are. Immutable and thread-safe.
 *
 * <p>Ashkboos et al., "SliceGPT: Compress Large Language Models by Deleting Rows and Columns", 2024, arXiv 2401.15024. The signals
 * are rotated first to last, each as it is after what was cut off before it.
 *
 * <p>Each cut puts a matrix on two residual connections, so the share of parameters removed is less than the share of the hidden size:
 * see the report. Where embedding and head share a table they go on sharing it if that is smaller, with two small matrices
 * beside it.
 */
public final class Slice implements Transform {
    private static final int SIZE_STEP = 32;

    private final List<Double> removed; // one for all layers, or one for each
    private final int sizeStep;
    private final boolean slicesHead;
    private final boolean turns;
    private final long seed;

    private Slice(List<Double> removed, int sizeStep, boolean slicesHead, boolean turns, long seed) {
        if (removed.isEmpty()) {
            throw new IllegalArgumentException("slicing needs the share of at least one layer");
        }
        removed.forEach(RemovedShare::require);
        if (sizeStep < 1) {
            throw new IllegalArgumentException("sizes must be multiples of at least 1, got " + sizeStep);
        }
        this.removed = List.copyOf(removed);
        this.sizeStep = sizeStep;
        this.slicesHead = slicesHead;
        this.turns = turns;
        this.seed = seed;
    }

    /** Removes the same share of the hidden size in all layers; a share of 0 changes nothing. */
    public static Slice hiddenSize(double removed) {
        return new Slice(List.of(removed), SIZE_STEP, false, true, 0);
    }

    /** Removes a share of the hidden size for each layer, after its attention and after its feed-forward part. */
    public static Slice hiddenSizes(List<Double> removed) {
        return new Slice(removed, SIZE_STEP, false, true, 0);
    }

    /**
     * Sizes are rounded down to a multiple of this; 32 at first, the block of most quantized types. A smaller step follows the
     * share more closely, but only plain numbers suit it.
     */
    public Slice sizeStep(int step) {
        return new Slice(removed, step, slicesHead, turns, seed);
    }

    /** Cuts the last signal too, which the head reads; it keeps its full length otherwise, as it matters most. */
    public Slice slicingHead() {
        return new Slice(removed, sizeStep, true, turns, seed);
    }

    /**
     * Leaves the kept directions ordered from the largest to the least. They are turned at random otherwise, which spreads
     * magnitudes and makes the matrices easier to quantize.
     */
    public Slice principalOrientation() {
        return new Slice(removed, sizeStep, slicesHead, false, seed);
    }

    /** Other random orientations. */
    public Slice seed(long seed) {
        return new Slice(removed, sizeStep, slicesHead, turns, seed);
    }

    @Override
    public String name() {
        String shares = removed.stream()
                .map(RemovedShare::percent)
                .map(share -> share + "%")
                .collect(Collectors.joining(" "));
        return String.format(
                Locale.ROOT,
                "slice %s%s%s",
                shares,
                slicesHead ? " with head" : "",
                turns ? "" : " in principal orientation");
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        new StreamSlicer(model, this, context, recorder).slice();
    }

    /**
     * Lengths of the signals of a model: after the embedding, then for each layer after its attention and after its
     * feed-forward part.
     */
    List<Integer> sizes(int hiddenSize, int layers) {
        if (removed.size() != 1 && removed.size() != layers) {
            throw new IllegalArgumentException(
                    name() + " has shares for " + removed.size() + " layers, the model has " + layers);
        }
        List<Double> shares = removed.size() == 1 ? Collections.nCopies(layers, removed.getFirst()) : removed;
        return IntStream.range(0, 2 * layers + 1)
                .mapToObj(signal -> !slicesHead && signal == 2 * layers
                        ? hiddenSize
                        : size(hiddenSize, shares.get(Math.max(0, signal - 1) / 2)))
                .toList();
    }

    private int size(int hiddenSize, double share) {
        if (share == 0) {
            return hiddenSize;
        }
        return Math.max(1, (int) Math.floor(hiddenSize * (1 - share) / sizeStep)) * sizeStep;
    }

    boolean turns() {
        return turns;
    }

    long seed() {
        return seed;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Slice that
                && removed.equals(that.removed)
                && sizeStep == that.sizeStep
                && slicesHead == that.slicesHead
                && turns == that.turns
                && seed == that.seed;
    }

    @Override
    public int hashCode() {
        return Objects.hash(removed, sizeStep, slicesHead, turns, seed);
    }
}
