package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.Architecture;
import java.util.List;

/** The matrices of a decoder layer by their names in a file. */
public final class LayerTensors {
    private LayerTensors() {}

    /** The name of a layer's tensor, such as {@code blk.3.ffn_up.weight} for {@code ffn_up.weight}. */
    public static String name(int layer, String tensor) {
        return "blk." + layer + "." + tensor;
    }

    /**
     * The matrices that read the rows of a site: [outputs x inputs] each.
     *
     * @param model whose metadata say which matrices a layer has
     * @throws dev.lathe.gguf.GgufException if they name no architecture that can be run
     */
    public static List<String> readers(TensorSource model, int layer, ActivationSite site) {
        List<String> tensors =
                switch (site) {
                    case ATTENTION -> List.of("attn_q.weight", "attn_k.weight", "attn_v.weight");
                    case ATTENTION_OUTPUT -> List.of("attn_output.weight");
                    case FEED_FORWARD ->
                        Architecture.of(model.metadata()).gated()
                                ? List.of("ffn_gate.weight", "ffn_up.weight")
                                : List.of("ffn_up.weight");
                    case FEED_FORWARD_DOWN -> List.of("ffn_down.weight");
                };
        return tensors.stream().map(tensor -> name(layer, tensor)).toList();
    }

    /** The name of the vector that is added to what a matrix gives. */
    public static String bias(String matrix) {
        return matrix.substring(0, matrix.length() - ".weight".length()) + ".bias";
    }
}
