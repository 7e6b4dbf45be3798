package dev.lathe.model.load;

import dev.lathe.model.Arithmetic;
import dev.lathe.model.ModelWeights;
import dev.lathe.tensor.LMulLinear;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TernaryLinear;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.WeightMemory;

/**
 * Puts another arithmetic into a model's linear layers; embeddings are looked up as before.
 *
 * @param arithmetic which
 * @param memory where changed layers go
 * @param kernels what the layers compute with
 */
public record WeightArithmetic(Arithmetic arithmetic, WeightMemory memory, Kernels kernels) {
    public ModelWeights apply(ModelWeights weights) {
        return weights.map((layer, role, matrix) -> role.isLookedUp() ? matrix : apply(matrix));
    }

    private Linear apply(Linear layer) {
        return switch (layer) {
            case TiledLinear tiled -> apply(tiled);
            case LowRankLinear lowRank -> {
                TiledLinear in = apply(lowRank.in());
                TiledLinear out = apply(lowRank.out());
                yield in == lowRank.in() && out == lowRank.out() ? lowRank : new LowRankLinear(in, out);
            }
        };
    }

    private TiledLinear apply(TiledLinear layer) {
        if (arithmetic.linearBits() > 0) {
            return LMulLinear.of(layer, arithmetic.linearBits(), kernels);
        }
        boolean ternary = layer.type() == TensorType.TQ1_0 || layer.type() == TensorType.TQ2_0;
        return ternary && arithmetic.ternaryAdditions() ? TernaryLinear.of(layer, memory, kernels) : layer;
    }
}
