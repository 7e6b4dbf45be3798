package dev.lathe.compress.prune;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Stacked;
import dev.lathe.compress.StepRecorder;
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
public final class MaskPruning implements LayerTransform {
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
    public boolean needsCalibration() {
        return method.needs() != Needs.NOTHING;
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        return method.needs() == Needs.GRAM ? layers.sites(layer) : Set.of();
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        LayerTransform.super.edit(model, context, recorder);
        if (compact) {
            recorder.note(
                    removedOfGroup() == 1
                            ? "no time is saved: a quarter of absent weights is faster than dense in large matrices alone"
                            : "one row at a time is faster than dense; prompts are not");
            recorder.note("no type with blocks can follow");
            if (Shapes.layers(model).stream()
                    .anyMatch(layer -> layer.feedForward().experts().isPresent())) {
                recorder.note("experts have no compact form: theirs are zeros stored like other weights");
            }
        } else if (sparsity.fraction() > 0) {
            recorder.note("zeros are stored like other weights: no byte and no time is saved by this step alone");
        }
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        ModelEdit model = layer.model();
        for (ActivationSite site : layers.sites(layer.layer())) {
            for (String name : layer.readers(site)) {
                FloatMatrix before = model.floats(name);
                FloatMatrix after = Stacked.map(
                        before,
                        layer.matrices(site),
                        (expert, matrix) ->
                                method.prune(matrix, input(layer, site, expert), sparsity, layer.workers()));
                if (compact && !site.isOfExperts()) {
                    SparseStorage.putGroups(model, name, after, GroupSparseLinear.GROUP - removedOfGroup());
                    layer.recorder().reshaped(LatheFormat.keptValues(name), "");
                } else {
                    Weights.replace(model, name, after);
                    layer.recorder().replaced(name, before, after, "");
                }
            }
        }
    }

    /** What a matrix reads; null where the method does not ask. */
    private LinearInput input(LayerEdit layer, ActivationSite site, int expert) {
        return switch (method.needs()) {
            case NOTHING -> null;
            case SQUARES -> new LinearInput(layer.read().squares(site, expert), null);
            case GRAM ->
                new LinearInput(layer.read().squares(site, expert), layer.read().gram(site, expert));
        };
    }

    private int removedOfGroup() {
        return ((Sparsity.Grouped) sparsity).removed();
    }
}
