package dev.lathe.compress.search;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.model.ActivationSite;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Makes each part of a model smaller in its own way, layer after layer, each on what the layers before it give by then.
 *
 * @param byLayer for each layer, how its parts are reduced; layers that stay whole are missing
 */
record PartReductions(Map<Integer, Map<Part, Reduction>> byLayer) implements LayerTransform {
    /** Of a reduction for each part. */
    static PartReductions of(Map<Part, Reduction> reductions) {
        return new PartReductions(reductions.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(Reduction.NONE))
                .collect(Collectors.groupingBy(
                        entry -> entry.getKey().layer(),
                        TreeMap::new,
                        Collectors.toMap(
                                Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, java.util.LinkedHashMap::new))));
    }

    /** Whether every part stays whole. */
    boolean isNothing() {
        return byLayer.isEmpty();
    }

    @Override
    public String name() {
        return byLayer.values().stream()
                .flatMap(parts -> parts.entrySet().stream())
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", ", "reduce ", ""));
    }

    /** It may remove zeros' blocks, so nothing but an encoding follows. */
    @Override
    public Stage stage() {
        return Stage.SPARSITY;
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        Set<ActivationSite> sites = EnumSet.noneOf(ActivationSite.class);
        byLayer.getOrDefault(layer, Map.of()).keySet().forEach(part -> sites.addAll(part.sites()));
        return sites;
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        for (Map.Entry<Part, Reduction> entry :
                byLayer.getOrDefault(layer.layer(), Map.of()).entrySet()) {
            Part part = entry.getKey();
            Optional<LayerTransform> transform = entry.getValue().of(part);
            if (transform.isPresent()) {
                transform.get().edit(layer.unrecorded());
            }
            part.tensors(layer.model()).stream()
                    .filter(tensor -> tensor.dimensions().size() > 1)
                    .forEach(tensor -> layer.recorder()
                            .reshaped(tensor.name(), entry.getValue().toString()));
        }
    }
}
