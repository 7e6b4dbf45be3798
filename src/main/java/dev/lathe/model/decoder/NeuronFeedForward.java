package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Neurons;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.BitSet;
import java.util.Optional;

/**
 * A {@link FeedForward} whose first matrix tells which neurons are active: of the others neither the row of up nor the column of
 * down is needed. The same bits. A pass of many rows takes the neurons that are active in any of them. Immutable.
 *
 * <p>Xue et al., "PowerInfer-2: Fast Large Language Model Inference on a Smartphone", 2024, arXiv 2406.06282.
 */
final class NeuronFeedForward implements ChannelMixer {
    private final FeedForwardConfig config;
    private final WeightGroup weights;
    private final Neurons neurons;
    private final TensorRole first; // whose rows tell which neurons are active
    private final float threshold;
    private final BranchAdd end;
    private final Gate function;
    private final ElementwiseKernels kernels;
    private final Workers workers;

    NeuronFeedForward(
            ModelConfig model, LayerConfig layer, WeightGroup weights, ElementwiseKernels kernels, Workers workers) {
        config = layer.feedForward();
        this.weights = weights;
        neurons = weights.neurons().orElseThrow();
        first = config.gated() ? TensorRole.GATE : TensorRole.UP;
        threshold = config.gated() ? config.gateThreshold() : config.innerThreshold();
        Optional<TensorRole> postNorm = layer.arrangement().afterFeedForward();
        end = BranchAdd.of(model, layer, postNorm, weights, weights.bias(TensorRole.DOWN), kernels, workers);
        function = Gate.of(config, kernels);
        this.kernels = kernels;
        this.workers = workers;
    }

    @Override
    public void run(Activations normed, DecoderBuffers buffers) {
        int rows = normed.rows();
        FloatMatrix sums = buffers.gate(rows, config.size()); // [rows x feedForward]
        FloatMatrix told = buffers.up(rows, config.size()); // zero where a neuron is inactive
        weights.matrix(first).apply(normed, sums, workers);
        for (int row = 0; row < rows; row++) {
            Bias.add(kernels, sums, row, weights.bias(first));
        }
        System.arraycopy(sums.data(), 0, told.data(), 0, rows * config.size());
        function.apply(told, workers);
        SmallElements.dropWhere(told, threshold, told, workers);
        int[] bundles = active(told);
        FloatMatrix branch;
        try (Neurons.Gathered active = neurons.gather(bundles, workers)) {
            Activations inner = new Activations(rows, active.down().inputSize()); // [rows x active]
            copyColumns(told, bundles, inner.matrix());
            if (active.up().isPresent()) {
                FloatMatrix up = FloatMatrix.zeros(rows, active.down().inputSize());
                active.up().get().apply(normed, up, workers);
                multiply(sums, up, bundles, inner.matrix());
            }
            inner.set(rows);
            SmallElements.drop(inner, rows, config.innerThreshold(), workers);
            branch = buffers.branch(rows, neurons.outputSize());
            active.down().apply(inner, branch, workers);
        }
        end.run(buffers.hidden(rows), branch);
    }

    /** Bundles with a neuron that is active in any row; one if there is none. */
    private int[] active(FloatMatrix told) {
        BitSet bundles = new BitSet(neurons.count());
        for (int row = 0; row < told.rows(); row++) {
            for (int neuron = 0; neuron < told.columns(); neuron++) {
                if (told.get(row, neuron) != 0) {
                    bundles.set(neuron / neurons.width());
                }
            }
        }
        return bundles.isEmpty() ? new int[1] : bundles.stream().toArray();
    }

    /** Columns of bundles side by side. */
    private void copyColumns(FloatMatrix source, int[] bundles, FloatMatrix target) {
        int width = neurons.width();
        for (int row = 0; row < source.rows(); row++) {
            for (int i = 0; i < bundles.length; i++) {
                System.arraycopy(
                        source.data(),
                        source.offset(row) + bundles[i] * width,
                        target.data(),
                        target.offset(row) + i * width,
                        width);
            }
        }
    }

    /** inner = function(sums) * up where inner is not zero. */
    private void multiply(FloatMatrix sums, FloatMatrix up, int[] bundles, FloatMatrix inner) {
        FloatMatrix gates = FloatMatrix.zeros(up.rows(), up.columns());
        copyColumns(sums, bundles, gates);
        float[] all = weights.bias(TensorRole.UP);
        FloatMatrix bias = FloatMatrix.zeros(1, all.length == 0 ? 0 : up.columns());
        if (all.length > 0) {
            copyColumns(new FloatMatrix(all, 1, all.length), bundles, bias);
        }
        RowLoop.run(workers, up.rows(), up.columns(), row -> {
            Bias.add(kernels, up, row, bias.data());
            int offset = up.offset(row);
            function.apply(gates.data(), offset, up.data(), offset, gates.data(), offset, up.columns());
            for (int i = offset; i < offset + up.columns(); i++) {
                inner.data()[i] = inner.data()[i] == 0 ? 0f : gates.data()[i];
            }
        });
    }

    @Override
    public void skip(int rows, DecoderBuffers buffers) {
        // nothing: the residual connection of such a layer has no matrix
    }
}
