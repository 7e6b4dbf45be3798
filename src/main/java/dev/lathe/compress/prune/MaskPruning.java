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
import dev.lathe.model.config.LatheFormat;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.GroupSparseLinear;
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
    private final boolean compact;

    MaskPruning(PruningMethod method, Sparsity sparsity, LayerSet layers, boolean compact) {
        this.method = method;
        this.sparsity = sparsity;
        this.layers = layers;
        this.compact = compact;
    }

    /** The same on these matrices alone. */
    public MaskPruning on(LayerSet layers) {
        return new MaskPruning(method, sparsity, layers, compact);
    }

    /**
     * The same, stored without the zeros: 20 bits a weight that is left, as F16. The file has Lathe's own architecture.
     *
     * @throws IllegalArgumentException unless 1 to 3 of every four weights are removed
     */
    public MaskPruning compact() {
        if (!(sparsity instanceof Sparsity.Grouped groups)
                || groups.group() != GroupSparseLinear.GROUP
                || groups.removed() < 1
                || groups.removed() >= groups.group()) {
            throw new IllegalArgumentException("sparsity " + sparsity
                    + " has no compact form: remove 1 to 3 of every 4 weights, such as of(2, 4)");
        }
        return new MaskPruning(method, sparsity, layers, true);
    }

    @Override
    public String name() {
        return "prune " + method.methodName() + " " + sparsity + " of " + layers + (compact ? " compact" : "");
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
        if (compact) {
            recorder.note(
                    removedOfGroup() == 1
                            ? "no time is saved: a quarter of absent weights is faster than dense in large matrices alone"
                            : "one row at a time is faster than dense; prompts are not");
            recorder.note("no type with blocks can follow");
        } else if (sparsity.fraction() > 0) {
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
            for (String name : LayerTensors.readers(model, layer, site)) {
                FloatMatrix before = model.floats(name);
                FloatMatrix after = method.prune(before, input, sparsity, context.workers());
                if (compact) {
                    SparseStorage.putGroups(model, name, after, GroupSparseLinear.GROUP - removedOfGroup());
                    recorder.reshaped(LatheFormat.keptValues(name), "");
                } else {
                    Weights.replace(model, name, after);
                    recorder.replaced(name, before, after, "");
                }
            }
        }
    }

    private int removedOfGroup() {
        return ((Sparsity.Grouped) sparsity).removed();
    }
}
