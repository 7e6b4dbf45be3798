package dev.lathe.model.decoder;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * What a feed-forward part reads: norm(hidden), without elements below a threshold where the layer has one. Immutable.
 *
 * @param norm may be absent
 * @param threshold 0 for none
 */
record FeedForwardInput(Norm norm, float threshold, Workers workers) {
    static FeedForwardInput of(
            ModelConfig config, LayerConfig layer, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        return new FeedForwardInput(
                Norm.before(layer.arrangement().beforeFeedForward(), weights, config, kernels),
                layer.feedForward().inputThreshold(),
                workers);
    }

    /** Reads the residual stream into rows and shows them. */
    void read(int rows, Activations normed, DecoderBuffers buffers) {
        norm.applyToRows(buffers.hidden(rows), normed, workers);
        SmallElements.drop(normed, rows, threshold, workers);
        buffers.show(ActivationSite.FEED_FORWARD, normed, rows);
    }
}
