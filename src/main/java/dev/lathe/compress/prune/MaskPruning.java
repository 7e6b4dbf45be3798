package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.prune.PruningMethod.Needs;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.Set;

/**
 * Sets single weights to zero, layer after layer, each on the inputs that the layers pruned before it give. Made by {@link
 * Prune}. Immutable and thread-safe.
 */
public final class MaskPruning implements Transform {
    private final PruningMethod method;
    private final Sparsity sparsity;
    private final LayerSet layers;

    MaskPruning(PruningMethod method, Sparsity sparsity, LayerSet layers) {
        this.method = method;
        this.sparsity = sparsity;
        this.layers = layers;
    }

    /** The same on these matrices alone. */
    public MaskPruning on(LayerSet layers) {
        return new MaskPruning(method, sparsity, layers);
    }

    @Override
    public String name() {
        return "prune " + method.methodName() + " " + sparsity + " of " + layers;
    }

    @Override
    public Stage stage() {
        return Stage.SPARSITY;
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        if (method.needs() == Needs.NOTHING) {
            int count = Shapes.layers(model).size();
            for (int layer = 0; layer < count; layer++) {
                prune(model, layer, null, recorder, context);
                context.done(name(), layer + 1, count);
            }
        } else {
            new LayerSweep(model, context, name())
                    .run(
                            layer -> method.needs() == Needs.GRAM ? layers.sites(layer) : Set.of(),
                            (layer, statistics) -> prune(model, layer, statistics, recorder, context));
        }
        if (sparsity.fraction() > 0) {
            recorder.note("zeros are stored like other weights: no byte and no time is saved by this step alone");
        }
        return recorder.report();
    }

    private void prune(
            ModelEdit model,
            int layer,
            ActivationStatistics statistics,
            StepRecorder recorder,
            TransformContext context)
            throws IOException {
        for (ActivationSite site : ActivationSite.values()) {
            if (!layers.contains(layer, site)) {
                continue;
            }
            LinearInput input = statistics == null
                    ? null
                    : new LinearInput(
                            statistics.squares(site), method.needs() == Needs.GRAM ? statistics.gram(site) : null);
            for (String name : LayerTensors.readers(layer, site)) {
                FloatMatrix before = model.floats(name);
                FloatMatrix after = method.prune(before, input, sparsity, context.workers());
                Weights.replace(model, name, after);
                recorder.replaced(name, before, after, "");
            }
        }
    }
}
