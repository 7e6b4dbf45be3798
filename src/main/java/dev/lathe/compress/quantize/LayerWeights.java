package dev.lathe.compress.quantize;

import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /** Whether all matrices that scales would move between are whole; factored ones keep theirs. */
    boolean canMoveScales(ActivationSite site) {
        List<String> needed = new ArrayList<>(LayerTensors.readers(model, layer, site));
        switch (site) {
            case ATTENTION -> needed.add(LayerTensors.name(layer, "attn_norm.weight"));
            case ATTENTION_OUTPUT -> needed.add(LayerTensors.name(layer, "attn_v.weight"));
            case FEED_FORWARD -> needed.add(LayerTensors.name(layer, "ffn_norm.weight"));
            case FEED_FORWARD_DOWN -> // a scale passes the gate's product, not the function itself
                needed.addAll(List.of(
                        LayerTensors.name(layer, "ffn_up.weight"), LayerTensors.name(layer, "ffn_gate.weight")));
        }
        return needed.stream().allMatch(name -> model.tensor(name).isPresent());
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
        switch (site) {
            case ATTENTION -> divideNorm("attn_norm", scales);
            case ATTENTION_OUTPUT -> divideOutputs("attn_v", ofValues(config, scales));
            case FEED_FORWARD -> divideNorm("ffn_norm", scales);
            case FEED_FORWARD_DOWN -> divideOutputs("ffn_up", scales);
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
    private void divideOutputs(String tensor, float[] scales) throws IOException {
        FloatMatrix matrix = matrix(LayerTensors.name(layer, tensor + ".weight"));
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                matrix.data()[matrix.offset(row) + column] /= scales[row];
            }
        }
        divideVector(LayerTensors.name(layer, tensor + ".bias"), scales);
    }

    private void divideNorm(String norm, float[] scales) throws IOException {
        divideVector(LayerTensors.name(layer, norm + ".weight"), scales);
        divideVector(LayerTensors.name(layer, norm + ".bias"), scales);
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
