package dev.lathe.model.decoder;

import dev.lathe.model.ExpertOptions;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * One layer: a token mixer and a channel mixer, each added to the residual stream, one after the other or side by side.
 *
 * @param attention first half
 * @param input what the second half reads
 * @param feedForward second half
 * @param parallel whether both read what the layer was given
 */
record DecoderBlock(TokenMixer attention, FeedForwardInput input, ChannelMixer feedForward, boolean parallel) {
    /**
     * A block of given weights.
     *
     * @param rope the number of the table by which its positions rotate
     * @param experts its matrices of experts, if it has any
     * @param counter counts the experts that are chosen
     */
    static DecoderBlock of(
            ModelConfig config,
            LayerConfig layer,
            WeightGroup weights,
            int rope,
            ExpertWeights experts,
            ExpertOptions options,
            Optional<ExpertCounter> counter,
            ElementwiseKernels kernels,
            Workers workers) {
        return new DecoderBlock(
                layer.attention().latent().isPresent()
                        ? new LatentAttention(config, layer, weights, rope, kernels, workers)
                        : new Attention(config, layer, weights, rope, kernels, workers),
                FeedForwardInput.of(config, layer, weights, kernels, workers),
                layer.feedForward().experts().isPresent()
                        ? new Experts(config, layer, weights, experts, options, counter, kernels, workers)
                        : dense(config, layer, weights, kernels, workers),
                layer.arrangement().parallel());
    }

    private static ChannelMixer dense(
            ModelConfig config, LayerConfig layer, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        return weights.neurons().isPresent()
                ? new NeuronFeedForward(config, layer, weights, kernels, workers)
                : new FeedForward(config, layer, weights, kernels, workers);
    }

    void run(int index, Pass pass, DecoderBuffers buffers) {
        runWithout(index, false, false, pass, buffers);
    }

    /** What keeps the residual connection alone is left out. */
    void runWithout(int index, boolean skipsAttention, boolean skipsFeedForward, Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        int hidden = buffers.hidden(rows).columns();
        if (parallel && !skipsFeedForward) { // before attention changes the stream
            input.read(rows, buffers.secondInput(hidden), buffers);
        }
        if (skipsAttention) {
            attention.skip(rows, buffers);
        } else {
            attention.run(index, pass, buffers);
        }
        if (skipsFeedForward) {
            feedForward.skip(rows, buffers);
        } else if (parallel) {
            feedForward.run(buffers.secondInput(hidden), buffers);
        } else {
            runFeedForward(rows, buffers);
        }
    }

    /** The second half of a layer whose halves run one after the other. */
    void runFeedForward(int rows, DecoderBuffers buffers) {
        Activations normed = buffers.input(buffers.hidden(rows).columns());
        input.read(rows, normed, buffers);
        feedForward.run(normed, buffers);
    }

    /** The residual connections alone: nothing, but in sliced models. */
    void skip(int rows, DecoderBuffers buffers) {
        attention.skip(rows, buffers);
        feedForward.skip(rows, buffers);
    }
}
