package dev.lathe.compress;

import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Edits a model layer after layer, each from what its linear layers read when all layers before it are already edited. So
 * the error of one layer is seen by the next.
 */
public final class LayerSweep {
    private final ModelEdit model;
    private final TransformContext context;
    private final String step;

    /**
     * A sweep over a model.
     *
     * @param step what is being done, for errors and progress
     */
    public LayerSweep(ModelEdit model, TransformContext context, String step) {
        this.model = model;
        this.context = context;
        this.step = step;
    }

    /** Edits one layer. */
    @FunctionalInterface
    public interface LayerEdit {
        /**
         * Edits the tensors of a layer, and the metadata where its shape changes.
         *
         * @param statistics what the layer's matrices read, before the edit
         */
        void edit(int layer, ActivationStatistics statistics) throws IOException;
    }

    /**
     * Edits every layer on the calibration texts.
     *
     * @param gramSites for each layer where to collect Gram matrices
     * @throws IllegalArgumentException if there are no calibration texts
     */
    public void run(IntFunction<Set<ActivationSite>> gramSites, LayerEdit edit) throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, context.workers());
        List<FloatMatrix> hidden = runner.embed(context.requireCalibration(step));
        int layers = runner.config().layers().size();
        for (int layer = 0; layer < layers; layer++) {
            edit.edit(
                    layer,
                    ActivationStatistics.collect(
                            runner.layer(layer), new ArrayList<>(hidden), gramSites.apply(layer), context.workers()));
            if (layer + 1 < layers) {
                LayerwiseModel.Layer edited = runner.layer(layer);
                hidden.replaceAll(text -> edited.run(text, ActivationObserver.NONE));
            }
            context.done(step, layer + 1, layers);
        }
    }
}
