package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.Architecture;
import dev.lathe.model.config.TensorRole;
import java.util.List;

/** The matrices of a decoder layer by their names in a file. */
public final class LayerTensors {
    private LayerTensors() {}

    /** The name of the matrix that gives the logits: the head, or the embedding where they are tied. */
    public static String head(TensorSource model) {
        String head = TensorRole.HEAD.weight();
        return model.tensor(head).isPresent() ? head : TensorRole.EMBEDDING.weight();
    }

    /**
     * The matrices that read the rows of a site: [outputs x inputs] each.
     *
     * @param model whose metadata say which matrices a layer has
     * @throws dev.lathe.gguf.GgufException if they name no architecture that can be run
     */
    public static List<String> readers(TensorSource model, int layer, ActivationSite site) {
        boolean gated = Architecture.of(model.metadata()).gated();
        return site.readers().stream()
                .filter(role -> gated || role != TensorRole.GATE)
                .map(role -> role.weight(layer))
                .toList();
    }
}
