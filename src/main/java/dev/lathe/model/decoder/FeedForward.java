package dev.lathe.model.decoder;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Optional;

/**
 * The second half of a block: hidden += down(function(gate(x)) * up(x)), or down(function(up(x))) without a gate, with
 * x = norm(hidden), and with a matrix on the residual connection where the model has one. Immutable.
 */
final class FeedForward implements ChannelMixer {
    private final LayerConfig layer;
    private final WeightGroup weights;
    private final Optional<Linear> gate;
    private final Norm within;
    private final ResidualAdd residual;
    private final Gate function;
    private final ElementwiseKernels kernels;
    private final Workers workers;

    FeedForward(
            ModelConfig config, LayerConfig layer, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        this.layer = layer;
        this.weights = weights;
        gate = weights.findMatrix(TensorRole.GATE);
        Optional<TensorRole> postNorm = layer.arrangement().afterFeedForward();
        float[] bias = weights.bias(TensorRole.DOWN);
        residual = new ResidualAdd(
                weights.matrix(TensorRole.DOWN),
                BranchAdd.of(config, layer, postNorm, weights, bias, kernels, workers),
                weights.findMatrix(TensorRole.FEED_FORWARD_RESIDUAL),
                workers);
        within = Norm.within(layer.arrangement().withinFeedForward(), weights, config, kernels);
        function = Gate.of(layer.feedForward(), kernels);
        this.kernels = kernels;
        this.workers = workers;
    }

    @Override
    public void run(Activations normed, DecoderBuffers buffers) {
        int rows = normed.rows();
        FloatMatrix up = buffers.up(rows, layer.feedForwardSize()); // [rows x feedForward]
        Activations inner = buffers.input(layer.feedForwardSize()); // [rows x feedForward]
        if (gate.isPresent()) {
            applyWithGate(normed, gate.get(), up, inner, buffers);
        } else {
            applyWithoutGate(normed, up, inner);
        }
        within.applyInPlace(inner.matrix(), rows, workers);
        inner.set(rows);
        SmallElements.drop(inner, rows, layer.feedForward().innerThreshold(), workers);
        buffers.show(ActivationSite.FEED_FORWARD_DOWN, inner, rows);
        residual.run(inner, buffers);
    }

    /** inner = function(gate(x)) * up(x). */
    private void applyWithGate(
            Activations normed, Linear gateMatrix, FloatMatrix up, Activations inner, DecoderBuffers buffers) {
        FloatMatrix gate = buffers.gate(up.rows(), up.columns()); // [rows x feedForward]
        Linear.applyAll(
                normed,
                new Linear[] {gateMatrix, weights.matrix(TensorRole.UP)},
                new FloatMatrix[] {gate, up},
                workers);
        RowLoop.runRanges(workers, up.rows(), up.columns(), (from, to) -> {
            for (int row = from; row < to; row++) {
                Bias.add(kernels, gate, row, weights.bias(TensorRole.GATE));
                Bias.add(kernels, up, row, weights.bias(TensorRole.UP));
            }
            int offset = gate.offset(from);
            int size = (to - from) * up.columns();
            function.apply(
                    gate.data(), offset, up.data(), offset, inner.matrix().data(), offset, size);
        });
        float threshold = layer.feedForward().gateThreshold();
        if (threshold > 0 || buffers.isObserved()) {
            function.apply(gate, workers);
            buffers.show(ActivationSite.FEED_FORWARD_GATE, 0, gate);
            SmallElements.dropWhere(gate, threshold, inner.matrix(), workers);
        }
    }

    /** inner = function(up(x)). */
    private void applyWithoutGate(Activations normed, FloatMatrix up, Activations inner) {
        weights.matrix(TensorRole.UP).apply(normed, up, workers);
        RowLoop.run(workers, up.rows(), up.columns(), row -> {
            Bias.add(kernels, up, row, weights.bias(TensorRole.UP));
            function.apply(up, row, inner.matrix());
        });
    }

    @Override
    public void skip(int rows, DecoderBuffers buffers) {
        residual.skip(rows, buffers);
    }
}
