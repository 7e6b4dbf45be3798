package dev.lathe.compress;

import dev.lathe.model.ActivationSite;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * A transform that edits each layer from what that layer reads. It works on a whole model, layer after layer, each on what the
 * edited ones before it give; and on one layer alone, as a search needs it. Immutable and thread-safe.
 */
public interface LayerTransform extends Transform, LayerSweep.LayerEditor {
    /** Whether a layer, as it is now, can be edited so. */
    default boolean suits(ModelEdit model, int layer) {
        return true;
    }

    /** Whether {@link LayerEdit#read} is looked at. */
    default boolean needsCalibration() {
        return true;
    }

    /** Where the edit of a layer needs Gram matrices of what is read; none where it leaves the layer as it is. */
    Set<ActivationSite> gramSites(ModelEdit model, int layer);

    /**
     * Edits the tensors of one layer, and the metadata where its shape changes.
     *
     * @param layer with the Gram matrices of {@link #gramSites}
     * @throws IllegalArgumentException if it does not suit the layer
     */
    @Override
    void edit(LayerEdit layer) throws IOException;

    /** Edits every layer. */
    @Override
    default void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        List<int[]> sequences = needsCalibration() ? context.requireCalibration(name()) : List.of();
        LayerSweep.of(model, sequences, context.workers())
                .reporting(context, name())
                .edit(model, recorder, layer -> gramSites(model, layer), this);
    }
}
