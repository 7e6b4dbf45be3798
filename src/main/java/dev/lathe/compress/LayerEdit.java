package dev.lathe.compress;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.Workers;
import java.util.List;

/**
 * A layer that is about to be edited.
 *
 * @param model whose tensors and metadata are edited
 * @param layer which layer
 * @param read what its matrices read on the calibration sequences, as the layer is before the edit
 * @param recorder hears what is done
 * @param workers the threads that compute
 */
public record LayerEdit(ModelEdit model, int layer, ActivationStatistics read, StepRecorder recorder, Workers workers) {
    /** The layer's shape as the metadata say now. */
    public LayerConfig config() {
        return Families.shape(model.metadata()).layers().get(layer);
    }

    /** The names of the layer's matrices that read at a site. */
    public List<String> readers(ActivationSite site) {
        return LayerTensors.readers(model, layer, site);
    }

    /** How many matrices stand in each tensor that reads at a site, one below the other: the experts, or 1. */
    public int matrices(ActivationSite site) {
        return LayerTensors.matrices(model, layer, site);
    }

    /** The same edit, of which nobody hears. */
    public LayerEdit unrecorded() {
        return new LayerEdit(model, layer, read, new StepRecorder(model, ""), workers);
    }
}
