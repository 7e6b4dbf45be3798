package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * One layer: attention, then feed-forward, each added to the residual stream.
 *
 * @param attention first half
 * @param feedForward second half
 */
record DecoderBlock(Attention attention, FeedForward feedForward) {
    /** A block of given weights, whose positions rotate by table number {@code rope}. */
    static DecoderBlock of(
            ModelConfig config,
            LayerConfig layer,
            WeightGroup weights,
            int rope,
            ElementwiseKernels kernels,
            Workers workers) {
        return new DecoderBlock(
                new Attention(config, layer, weights, rope, kernels, workers),
                new FeedForward(config, layer, weights, kernels, workers));
    }

    void run(int index, Pass pass, DecoderBuffers buffers) {
        attention.run(index, pass, buffers);
        feedForward.run(pass, buffers);
    }

    /** What keeps the shortcut alone is left out. */
    void runWithout(int index, boolean skipsAttention, boolean skipsFeedForward, Pass pass, DecoderBuffers buffers) {
        if (skipsAttention) {
            attention.skip(pass.rows(), buffers);
        } else {
            attention.run(index, pass, buffers);
        }
        if (skipsFeedForward) {
            feedForward.skip(pass.rows(), buffers);
        } else {
            feedForward.run(pass, buffers);
        }
    }

    /** The shortcuts alone: nothing, but in sliced models. */
    void skip(int rows, DecoderBuffers buffers) {
        attention.skip(rows, buffers);
        feedForward.skip(rows, buffers);
    }
}
