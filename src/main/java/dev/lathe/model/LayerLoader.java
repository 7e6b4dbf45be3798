package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Linear;
import java.io.IOException;
import java.util.Optional;

/** Reads the weights of one layer. */
final class LayerLoader {
    private final WeightLoader weights;
    private final TensorLoader tensors;
    private final ModelConfig config;
    private final int index;
    private final WeightGroup.Builder group = WeightGroup.builder();

    LayerLoader(WeightLoader weights, ModelConfig config, int index) {
        this.weights = weights;
        this.tensors = weights.tensors();
        this.config = config;
        this.index = index;
    }

    WeightGroup load() throws IOException {
        attention();
        feedForward();
        return group.build();
    }

    private void attention() throws IOException {
        LayerConfig layer = config.layers().get(index);
        int before = config.streamSizes().beforeAttention(index);
        int after = config.streamSizes().afterAttention(index);
        norm(TensorRole.ATTENTION_NORM, before);
        linear(TensorRole.QUERY, layer.headCount() * layer.keySize(), before);
        linear(TensorRole.KEY, layer.keyValueHeadCount() * layer.keySize(), before);
        linear(TensorRole.VALUE, layer.keyValueHeadCount() * layer.valueSize(), before);
        linear(TensorRole.ATTENTION_OUTPUT, after, layer.headCount() * layer.valueSize());
        if (config.architecture().headNorms()) {
            vector(TensorRole.QUERY_NORM, layer.keySize());
            vector(TensorRole.KEY_NORM, layer.keySize());
        }
        if (config.architecture().postNorms()) {
            vector(TensorRole.POST_ATTENTION_NORM, after);
        }
        residual(TensorRole.ATTENTION_RESIDUAL, after, before);
    }

    private void feedForward() throws IOException {
        int before = config.streamSizes().afterAttention(index);
        int after = config.streamSizes().afterFeedForward(index);
        int inner = config.layers().get(index).feedForwardSize();
        norm(TensorRole.FEED_FORWARD_NORM, before);
        if (config.architecture().gated()) {
            linear(TensorRole.GATE, inner, before);
        }
        linear(TensorRole.UP, inner, before);
        linear(TensorRole.DOWN, after, inner);
        if (config.architecture().postNorms()) {
            vector(TensorRole.POST_FEED_FORWARD_NORM, after);
        }
        residual(TensorRole.FEED_FORWARD_RESIDUAL, after, before);
    }

    private void norm(TensorRole role, int size) throws IOException {
        group.norm(role, weights.norm(role.weight(index), role.bias(index), config, size));
    }

    private void vector(TensorRole role, int size) throws IOException {
        group.vector(role, tensors.vector(role.weight(index), size));
    }

    /** A matrix, and what is added to its outputs where the file has it. */
    private void linear(TensorRole role, int rows, int columns) throws IOException {
        group.matrix(role, tensors.matrix(role.weight(index), rows, columns));
        group.bias(role, tensors.optional(role.bias(index), rows));
    }

    private void residual(TensorRole role, int after, int before) throws IOException {
        String name = role.weight(index);
        Optional<? extends Linear> matrix = after == before
                ? tensors.shapedMatrix(name, after, before)
                : Optional.of(tensors.tiled(name, after, before));
        group.matrix(role, matrix);
    }
}
