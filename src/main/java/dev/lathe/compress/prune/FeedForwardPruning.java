package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;

/**
 * Removes channels of the feed-forward part: rows of gate (where there is one) and up, columns of down; what is left of down makes up for them.
 * Made by {@link Prune}. Immutable and thread-safe.
 *
 * <p>With one fraction for all layers the result has the architecture's own shape and is loaded by any engine. With a fraction
 * for each layer the metadata hold a list of sizes.
 */
public final class FeedForwardPruning implements Transform {
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
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        int[] sizes = Shapes.layers(model).stream()
                .mapToInt(LayerConfig::feedForwardSize)
                .toArray();
        fractions.requireCount(sizes.length);
        int[] wanted = new int[sizes.length];
        Arrays.setAll(wanted, layer -> keptSize(sizes[layer], fractions.at(layer)));
        new LayerSweep(model, context, name())
                .run(
                        layer -> wanted[layer] < sizes[layer] ? Set.of(ActivationSite.FEED_FORWARD_DOWN) : Set.of(),
                        (layer, statistics) -> {
                            if (wanted[layer] < sizes[layer]) {
                                prune(model, layer, wanted[layer], statistics, recorder, context);
                                sizes[layer] = wanted[layer];
                                Shapes.setList(model, "feed_forward_length", sizes);
                            }
                        });
        return recorder.report();
    }

    /**
     * Prunes one layer alone, by its share, and says so in the metadata.
     *
     * @param statistics what the layer's matrices read, with the Gram matrix of {@link ActivationSite#FEED_FORWARD_DOWN}
     */
    public void pruneLayer(ModelEdit model, int layer, ActivationStatistics statistics, TransformContext context)
            throws IOException {
        int[] sizes = Shapes.layers(model).stream()
                .mapToInt(LayerConfig::feedForwardSize)
                .toArray();
        int wanted = keptSize(sizes[layer], fractions.at(layer));
        if (wanted < sizes[layer]) {
            prune(model, layer, wanted, statistics, new StepRecorder(model, name()), context);
            sizes[layer] = wanted;
            Shapes.setList(model, "feed_forward_length", sizes);
        }
    }

    private static int keptSize(int size, double fraction) {
        int kept = (int) Math.round((1 - fraction) * size / MULTIPLE) * MULTIPLE;
        return fraction == 0 ? size : Math.clamp(kept, Math.min(MULTIPLE, size), size);
    }

    private void prune(
            ModelEdit model,
            int layer,
            int size,
            ActivationStatistics statistics,
            StepRecorder recorder,
            TransformContext context)
            throws IOException {
        String down = TensorRole.DOWN.weight(layer);
        FloatMatrix weights = model.floats(down);
        ColumnElimination elimination = new ColumnElimination(
                statistics.gram(ActivationSite.FEED_FORWARD_DOWN),
                weights,
                ColumnElimination.singles(weights.columns()),
                context.workers());
        for (int channels = weights.columns(); channels > size; channels--) {
            elimination.removeCheapest();
        }
        int[] kept = elimination.keptColumns();
        Weights.replace(model, down, compensated ? elimination.kept() : Weights.columns(weights, kept));
        recorder.reshaped(down, "");
        for (String matrix : LayerTensors.readers(model, layer, ActivationSite.FEED_FORWARD)) {
            Weights.keepRows(model, matrix, kept);
            Weights.keepElements(model, TensorName.biasOf(matrix), kept);
            recorder.reshaped(matrix, "");
        }
    }
}
