package dev.lathe.compress.prune;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Stacked;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorName;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Removes channels of the feed-forward part: rows of gate (where there is one) and up, columns of down; what is left of down
 * makes up for them. Of experts each loses as many, but channels of its own, chosen on the tokens that chose it; a shared one
 * is pruned only where its length follows from theirs. Made by {@link Prune}. Immutable and thread-safe.
 *
 * <p>With one fraction for all layers the result has the architecture's own shape and is loaded by any engine. With a fraction
 * for each layer the metadata hold a list of sizes.
 */
public final class FeedForwardPruning implements LayerTransform {
    /** Sizes stay multiples of it: the blocks of most quantized types. */
    private static final int MULTIPLE = 32;

    private final LayerFractions fractions;
    private final boolean compensated;

    FeedForwardPruning(LayerFractions fractions, boolean compensated) {
        this.fractions = fractions;
        this.compensated = compensated;
    }

    /** The same without making up for what is removed: the down matrix just loses columns. */
    public FeedForwardPruning withoutCompensation() {
        return new FeedForwardPruning(fractions, false);
    }

    @Override
    public String name() {
        return "prune " + fractions + " of feed-forward channels" + (compensated ? "" : " without compensation");
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        FeedForwardConfig feedForward = Shapes.layers(model).get(layer).feedForward();
        if (keptSize(feedForward.size(), fractions.at(layer)) == feedForward.size()) {
            return Set.of();
        }
        return feedForward.experts().isEmpty()
                ? Set.of(ActivationSite.FEED_FORWARD_DOWN)
                : Set.of(ActivationSite.FEED_FORWARD_DOWN, ActivationSite.EXPERT_DOWN);
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        fractions.requireCount(Shapes.layers(model).size());
        LayerTransform.super.edit(model, context, recorder);
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        ModelEdit model = layer.model();
        List<LayerConfig> layers = Shapes.layers(model);
        FeedForwardConfig before = layers.get(layer.layer()).feedForward();
        int[] sizes = Shapes.sizes(layers, LayerConfig::feedForwardSize);
        int kept = keptSize(before.size(), fractions.at(layer.layer()));
        if (kept == before.size()) {
            return;
        }
        if (layers.get(layer.layer()).arrangement().withinFeedForward().isPresent()) {
            throw new IllegalArgumentException(name() + ": channels of layer " + layer.layer()
                    + " are normed together, so that those that stay would change; prune layers or blocks instead");
        }
        sizes[layer.layer()] = kept;
        if (before.experts().isEmpty()) {
            prune(layer, ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN, kept);
            Shapes.setFeedForwardSizes(model, sizes);
            return;
        }
        prune(layer, ActivationSite.EXPERT, ActivationSite.EXPERT_DOWN, kept);
        Shapes.setExpertSizes(model, layers, sizes);
        int shared = Shapes.layers(model)
                .get(layer.layer())
                .feedForward()
                .experts()
                .orElseThrow()
                .sharedSize();
        if (shared < before.experts().get().sharedSize()) { // in some families as long as so many experts
            prune(layer, ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN, shared);
        }
    }

    private static int keptSize(int size, double fraction) {
        int kept = (int) Math.round((1 - fraction) * size / MULTIPLE) * MULTIPLE;
        return fraction == 0 ? size : Math.clamp(kept, Math.min(MULTIPLE, size), size);
    }

    /** Keeps so many channels between the matrices that read at one site and the one that reads what they give. */
    private void prune(LayerEdit layer, ActivationSite in, ActivationSite out, int size) throws IOException {
        ModelEdit model = layer.model();
        int matrices = layer.matrices(out);
        String down = layer.readers(out).getFirst();
        int[][] kept = new int[matrices][];
        FloatMatrix weights = model.floats(down);
        FloatMatrix rest = Stacked.map(weights, matrices, (expert, matrix) -> {
            ColumnElimination elimination = new ColumnElimination(
                    layer.read().gram(out, expert),
                    matrix,
                    ColumnElimination.singles(matrix.columns()),
                    layer.workers());
            for (int channels = matrix.columns(); channels > size; channels--) {
                elimination.removeCheapest();
            }
            kept[expert] = elimination.keptColumns();
            return compensated ? elimination.kept() : Weights.columns(matrix, kept[expert]);
        });
        Weights.replace(model, down, rest);
        layer.recorder().reshaped(down, "");
        for (String matrix : layer.readers(in)) {
            boolean fused = model.require(matrix).dimension(1) == 2L * weights.columns();
            int[] rows = rows(kept, weights.columns(), fused);
            Weights.keepRows(model, matrix, rows);
            Weights.keepElements(model, TensorName.biasOf(matrix), rows);
            layer.recorder().reshaped(matrix, "");
        }
    }

    /** Rows of matrices that stand one below the other, and of each the gate's and up's where one matrix holds both. */
    private static int[] rows(int[][] kept, int size, boolean fused) {
        int halves = fused ? 2 : 1;
        return IntStream.range(0, kept.length * halves)
                .flatMap(half -> Arrays.stream(kept[half / halves]).map(channel -> half * size + channel))
                .toArray();
    }
}
