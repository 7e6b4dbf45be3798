package dev.lathe.model;

import dev.lathe.model.Architecture.GateFunction;
import dev.lathe.model.ModelWeights.FeedForwardWeights;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * The second half of a block: hidden += down(function(gate(x)) * up(x)) with x = norm(hidden), and with a matrix on the shortcut
 * where the model has one. Immutable.
 */
final class FeedForward {
    private final LayerConfig layer;
    private final FeedForwardWeights weights;
    private final RmsNorm norm;
    private final ResidualAdd residual;
    private final GateFunction function;
    private final ElementwiseKernels kernels;
    private final Workers workers;

    FeedForward(
            ModelConfig config,
            LayerConfig layer,
            FeedForwardWeights weights,
            ElementwiseKernels kernels,
            Workers workers) {
        this.layer = layer;
        this.weights = weights;
        norm = RmsNorm.of(kernels, weights.norm(), config.normEpsilon(), config.hiddenSize());
        residual = new ResidualAdd(
                weights.down(),
                weights.downBias(),
                new RmsNorm(kernels, weights.postNorm(), config.normEpsilon()),
                weights.shortcut(),
                kernels,
                workers);
        function = config.architecture().gateFunction();
        this.kernels = kernels;
        this.workers = workers;
    }

    void run(Pass pass, DecoderBuffers buffers) {
        int rows = pass.rows();
        FloatMatrix hidden = buffers.hidden(rows); // [rows x hidden]
        Activations normed = buffers.input(hidden.columns()); // [rows x hidden]
        FloatMatrix gate = buffers.gate(rows, layer.feedForwardSize()); // [rows x feedForward]
        FloatMatrix up = buffers.up(rows, layer.feedForwardSize()); // [rows x feedForward]
        Activations inner = buffers.input(layer.feedForwardSize()); // [rows x feedForward]

        RowLoop.run(
                workers,
                rows,
                hidden.columns(),
                row -> norm.apply(
                        hidden.data(), hidden.offset(row), normed.matrix().data(), hidden.offset(row)));
        normed.set(rows);
        buffers.show(ActivationSite.FEED_FORWARD, normed, rows);
        Linear.applyAll(normed, new Linear[] {weights.gate(), weights.up()}, new FloatMatrix[] {gate, up}, workers);
        RowLoop.run(workers, rows, gate.columns(), row -> {
            Bias.add(kernels, gate, row, weights.gateBias());
            Bias.add(kernels, up, row, weights.upBias());
            multiply(gate, up, gate.offset(row), inner.matrix().data());
        });
        inner.set(rows);
        buffers.show(ActivationSite.FEED_FORWARD_DOWN, inner, rows);
        residual.run(inner, buffers);
    }

    /** The shortcut alone. */
    void skip(int rows, DecoderBuffers buffers) {
        residual.skip(rows, buffers);
    }

    private void multiply(FloatMatrix gate, FloatMatrix up, int offset, float[] inner) {
        switch (function) {
            case SILU -> kernels.siluGate(gate.data(), offset, up.data(), offset, inner, offset, gate.columns());
            case GELU -> kernels.geluGate(gate.data(), offset, up.data(), offset, inner, offset, gate.columns());
        }
    }
}
