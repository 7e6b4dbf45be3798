package dev.lathe.model;

import dev.lathe.model.ModelWeights.AttentionWeights;
import dev.lathe.model.ModelWeights.BlockWeights;
import dev.lathe.model.ModelWeights.FeedForwardWeights;
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
record WeightArithmetic(Arithmetic arithmetic, WeightMemory memory, Kernels kernels) {
    ModelWeights apply(ModelWeights weights) {
        return new ModelWeights(
                weights.embedding(),
                weights.embeddingRotation().map(this::apply),
                weights.blocks().stream().map(this::apply).toList(),
                weights.finalNorm(),
                apply(weights.head()),
                weights.headBias(),
                weights.ropeFactors());
    }

    private BlockWeights apply(BlockWeights block) {
        AttentionWeights attention = block.attention();
        FeedForwardWeights feedForward = block.feedForward();
        return new BlockWeights(
                new AttentionWeights(
                        attention.norm(),
                        apply(attention.query()),
                        apply(attention.key()),
                        apply(attention.value()),
                        apply(attention.output()),
                        attention.queryBias(),
                        attention.keyBias(),
                        attention.valueBias(),
                        attention.outputBias(),
                        attention.queryNorm(),
                        attention.keyNorm(),
                        attention.postNorm(),
                        attention.shortcut().map(this::apply)),
                new FeedForwardWeights(
                        feedForward.norm(),
                        feedForward.gate().map(this::apply),
                        apply(feedForward.up()),
                        apply(feedForward.down()),
                        feedForward.gateBias(),
                        feedForward.upBias(),
                        feedForward.downBias(),
                        feedForward.postNorm(),
                        feedForward.shortcut().map(this::apply)));
    }

    private Linear apply(Linear layer) {
        return switch (layer) {
            case TiledLinear tiled -> apply(tiled);
            case LowRankLinear lowRank -> new LowRankLinear(apply(lowRank.in()), apply(lowRank.out()));
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
