package dev.lathe.compress.prune;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Removes channels of the feed-forward part: rows of gate (where there is one) and up, columns of down; what is left of down makes up for them.
 * Made by {@link Prune}. Immutable and thread-safe.
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
        int size = Shapes.layers(model).get(layer).feedForwardSize();
        return keptSize(size, fractions.at(layer)) < size ? Set.of(ActivationSite.FEED_FORWARD_DOWN) : Set.of();
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        fractions.requireCount(Shapes.layers(model).size());
        return LayerTransform.super.apply(model, context);
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        int[] sizes = Shapes.sizes(Shapes.layers(layer.model()), LayerConfig::feedForwardSize);
        int kept = keptSize(sizes[layer.layer()], fractions.at(layer.layer()));
        if (kept < sizes[layer.layer()]) {
            prune(layer, kept);
            sizes[layer.layer()] = kept;
            Shapes.setList(layer.model(), "feed_forward_length", sizes);
        }
    }

    private static int keptSize(int size, double fraction) {
        int kept = (int) Math.round((1 - fraction) * size / MULTIPLE) * MULTIPLE;
        return fraction == 0 ? size : Math.clamp(kept, Math.min(MULTIPLE, size), size);
    }

    private void prune(LayerEdit layer, int size) throws IOException {
        ModelEdit model = layer.model();
        FeedForwardConfig feedForward = Shapes.layers(model).get(layer.layer()).feedForward();
        if (feedForward.experts().isPresent()) {
            throw new IllegalArgumentException(name() + ": layer " + layer.layer()
                    + " has experts, whose channels cannot be pruned; quantize them instead");
        }
        String down = TensorRole.DOWN.weight(layer.layer());
        FloatMatrix weights = model.floats(down);
        ColumnElimination elimination = new ColumnElimination(
                layer.read().gram(ActivationSite.FEED_FORWARD_DOWN),
                weights,
                ColumnElimination.singles(weights.columns()),
                layer.workers());
        for (int channels = weights.columns(); channels > size; channels--) {
            elimination.removeCheapest();
        }
        int[] kept = elimination.keptColumns();
        Weights.replace(model, down, compensated ? elimination.kept() : Weights.columns(weights, kept));
        layer.recorder().reshaped(down, "");
        for (String matrix : layer.readers(ActivationSite.FEED_FORWARD)) {
            int[] rows = feedForward.fused() ? inBothHalves(kept, feedForward.size()) : kept;
            Weights.keepRows(model, matrix, rows);
            Weights.keepElements(model, TensorName.biasOf(matrix), rows);
            layer.recorder().reshaped(matrix, "");
        }
    }

    /** Rows of gate and up where one matrix holds both. */
    private static int[] inBothHalves(int[] kept, int size) {
        return IntStream.concat(Arrays.stream(kept), Arrays.stream(kept).map(channel -> channel + size))
                .toArray();
    }
}
