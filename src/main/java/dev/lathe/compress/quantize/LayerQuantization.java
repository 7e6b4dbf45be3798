package dev.lathe.compress.quantize;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.model.ActivationSite;
import java.io.IOException;
import java.util.Set;

/**
 * Encodes the matrices of some layers, each layer for what it reads; embedding and head stay as they are.
 *
 * @param quantize which types
 * @param method how numbers are chosen
 * @param layers which matrices
 */
record LayerQuantization(Quantize quantize, Method method, LayerSet layers) implements LayerTransform {
    @Override
    public String name() {
        return quantize.name() + " on " + layers;
    }

    @Override
    public Stage stage() {
        return Stage.ENCODING;
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        return layers.sites(layer);
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        QuantizationPlan plan = quantize.plan(layer.model())
                .only(name -> layers.sites(layer.layer()).stream()
                        .anyMatch(site -> layer.readers(site).contains(name)));
        new SequentialQuantization(layer.model(), method, plan, layer.workers()).edit(layer);
    }
}
