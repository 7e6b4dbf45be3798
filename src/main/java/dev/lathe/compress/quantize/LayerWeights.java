package dev.lathe.compress.quantize;

import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of one layer as floats, for scales that move from a matrix's inputs to where they come from: what the layer
 * computes stays the same. Vectors go to the model at once, matrices stay here.
 */
final class LayerWeights {
    private final ModelEdit model;
    private final int layer;
    private final Map<String, FloatMatrix> matrices = new HashMap<>();

    LayerWeights(ModelEdit model, int layer) {
        this.model = model;
        this.layer = layer;
    }

    /** A matrix by its whole name, read when first asked for. */
    FloatMatrix matrix(String name) throws IOException {
        FloatMatrix matrix = matrices.get(name);
        if (matrix == null) {
            matrix = model.floats(name);
            matrices.put(name, matrix);
        }
        return matrix;
    }

    /** Whether scales can move: matrices are whole, and what they read comes from a place of its own. */
    boolean canMoveScales(ActivationSite site, LayerConfig config) {
        List<String> needed = new ArrayList<>(LayerTensors.readers(model, layer, site));
        Optional<TensorRole> source = source(site, config);
        if (source.isEmpty()) {
            return false;
        }
        needed.add(source.get().weight(layer));
        if (site == ActivationSite.FEED_FORWARD_DOWN) { // a scale passes the gate's product, not the function itself
            needed.add(TensorRole.GATE.weight(layer));
        }
        return needed.stream()
                .allMatch(name -> model.tensor(name)
                        .filter(tensor -> tensor.dimensions().size() <= 2)
                        .isPresent());
    }

    /** The norm or matrix whose outputs the matrices at a site read, if nothing else reads them. */
    private static Optional<TensorRole> source(ActivationSite site, LayerConfig config) {
        Arrangement arrangement = config.arrangement();
        boolean latent = config.attention().latent().isPresent();
        boolean experts = config.feedForward().experts().isPresent();
        return switch (site) {
            case ATTENTION -> arrangement.beforeAttention().filter(norm -> arrangement.hasOwnNormsBefore());
            case ATTENTION_OUTPUT ->
                latent ? Optional.empty() : arrangement.withinAttention().or(() -> Optional.of(TensorRole.VALUE));
            case FEED_FORWARD ->
                arrangement.beforeFeedForward().filter(norm -> arrangement.hasOwnNormsBefore() && !experts);
            case FEED_FORWARD_DOWN ->
                experts || config.feedForward().fused()
                        ? Optional.empty()
                        : arrangement.withinFeedForward().or(() -> Optional.of(TensorRole.UP));
            case FEED_FORWARD_GATE, EXPERT, EXPERT_DOWN, EXPERT_OUTPUT -> Optional.empty();
        };
    }

    /**
     * Multiplies the columns of the matrices that read at a site, and divides what they read where it comes from.
     *
     * @param scales of the input channels; at the attention's output equal for channels that are made of the same values
     */
    void moveScales(ActivationSite site, float[] scales, LayerConfig config) throws IOException {
        for (String reader : LayerTensors.readers(model, layer, site)) {
            multiplyInputs(reader, scales);
        }
        TensorRole source =
                source(site, config).orElseThrow(() -> new IllegalArgumentException("scales of experts do not move"));
        switch (source) {
            case VALUE -> divideOutputs(source, ofValues(config, scales));
            case UP -> divideOutputs(source, scales);
            default -> divideNorm(source, scales);
        }
    }

    private void multiplyInputs(String name, float[] scales) throws IOException {
        FloatMatrix matrix = matrix(name);
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < scales.length; column++) {
                matrix.data()[matrix.offset(row) + column] *= scales[column];
            }
        }
    }

    /** Divides the outputs of a linear layer, its bias included. */
    private void divideOutputs(TensorRole role, float[] scales) throws IOException {
        FloatMatrix matrix = matrix(role.weight(layer));
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                matrix.data()[matrix.offset(row) + column] /= scales[row];
            }
        }
        divideVector(role.bias(layer), scales);
    }

    private void divideNorm(TensorRole norm, float[] scales) throws IOException {
        divideVector(norm.weight(layer), scales);
        divideVector(norm.bias(layer), scales);
    }

    /** Nothing where the model has no such vector. */
    private void divideVector(String name, float[] scales) throws IOException {
        if (model.tensor(name).isEmpty()) {
            return;
        }
        float[] values = model.floats(name).data();
        for (int i = 0; i < values.length; i++) {
            values[i] /= scales[i];
        }
        model.putVector(name, values);
    }

    /**
     * Numbers of the attention's output channels, made equal where channels are made of the same values: one head of values
     * serves several heads of queries.
     */
    static float[] sharedByValues(LayerConfig config, float[] channels) {
        float[] values = new float[config.keyValueHeadCount() * config.valueSize()];
        for (int channel = 0; channel < channels.length; channel++) {
            values[valueOf(config, channel)] += channels[channel] / config.groupSize();
        }
        float[] shared = new float[channels.length];
        for (int channel = 0; channel < shared.length; channel++) {
            shared[channel] = values[valueOf(config, channel)];
        }
        return shared;
    }

    private static float[] ofValues(LayerConfig config, float[] scales) {
        float[] values = new float[config.keyValueHeadCount() * config.valueSize()];
        for (int channel = 0; channel < scales.length; channel++) {
            values[valueOf(config, channel)] = scales[channel];
        }
        return values;
    }

    private static int valueOf(LayerConfig config, int channel) {
        int head = channel / config.valueSize();
        return head / config.groupSize() * config.valueSize() + channel % config.valueSize();
    }
}
