package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerShapes;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.config.TensorShape;
import dev.lathe.model.family.Families;
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
        return LayerShapes.of(Families.shape(model.metadata()), layer).stream()
                .filter(shape -> site.readers().contains(shape.role()))
                .map(shape -> name(model, layer, shape))
                .distinct()
                .toList();
    }

    /** How many matrices stand in each tensor that reads at a site, one below the other: the experts, or 1. */
    public static int matrices(TensorSource model, int layer, ActivationSite site) {
        return site.isOfExperts()
                ? Families.shape(model.metadata())
                        .layers()
                        .get(layer)
                        .feedForward()
                        .experts()
                        .map(ExpertsConfig::count)
                        .orElse(0)
                : 1;
    }

    /** The name of a matrix, or of the larger one in which the file has it. */
    private static String name(TensorSource model, int layer, TensorShape shape) {
        return shape.fusion()
                .filter(fusion -> fusion.isIn(role -> has(model, role, layer)))
                .map(fusion -> fusion.role().weight(layer))
                .orElseGet(() -> shape.role().weight(layer));
    }

    /** Whether the file has a matrix, or its factors in its place. */
    private static boolean has(TensorSource model, TensorRole role, int layer) {
        String name = role.weight(layer);
        return model.tensor(name).isPresent()
                || model.tensor(LatheFormat.inFactor(name)).isPresent();
    }
}
