package dev.lathe.model.load;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.LayerShapes;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.config.TensorShape;
import dev.lathe.model.config.TensorShape.Fusion;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.pack.NeuronBundles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the weights of one layer. */
final class LayerLoader {
    private static final Set<TensorRole> OF_EXPERTS =
            EnumSet.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN);

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

    /** Whether the layer has experts, or neurons that the store takes one by one. */
    boolean hasParts() {
        List<TensorShape> shapes = LayerShapes.of(config, index);
        return neurons(shapes).isPresent() || shapes.stream().anyMatch(shape -> OF_EXPERTS.contains(shape.role()));
    }

    WeightGroup load() throws IOException {
        List<TensorShape> ofExperts = new ArrayList<>();
        List<TensorShape> shapes = LayerShapes.of(config, index);
        Optional<Neurons> neurons = neurons(shapes);
        for (TensorShape shape : shapes) {
            if (OF_EXPERTS.contains(shape.role())) {
                ofExperts.add(shape);
            } else if (neurons.isPresent() && neurons.get().contains(shape.role())) {
                group.bias(shape.role(), tensors.optional(shape.role().bias(index), shape.rows()));
            } else {
                read(shape);
            }
        }
        experts(ofExperts);
        if (neurons.isPresent()) {
            group.neurons(tensors.neurons(index, neurons.get().up, neurons.get().down));
        }
        return group.build();
    }

    /** Matrices that are read neuron by neuron. */
    private record Neurons(Optional<NeuronBundles.Matrix> up, NeuronBundles.Matrix down) {
        boolean contains(TensorRole role) {
            return role == TensorRole.DOWN || role == TensorRole.UP && up.isPresent();
        }
    }

    /** The matrices of which a store takes neurons, if the layer has such. */
    private Optional<Neurons> neurons(List<TensorShape> shapes) {
        FeedForwardConfig feedForward = config.layers().get(index).feedForward();
        if (!tensors.keepsNeurons()
                || config.layers().get(index).arrangement().withinFeedForward().isPresent()
                || !feedForward.tellsInactive()
                || tensors.hasMatrix(TensorRole.FEED_FORWARD_RESIDUAL.weight(index))) {
            return Optional.empty();
        }
        Optional<NeuronBundles.Matrix> up = feedForward.gated() ? plain(shapes, TensorRole.UP) : Optional.empty();
        return plain(shapes, TensorRole.DOWN)
                .filter(down -> up.isPresent() == feedForward.gated() && NeuronBundles.canDivide(up, down))
                .map(down -> new Neurons(up, down));
    }

    private Optional<NeuronBundles.Matrix> plain(List<TensorShape> shapes, TensorRole role) {
        return shapes.stream()
                .filter(shape -> shape.role() == role)
                .findFirst()
                .flatMap(shape -> tensors.plain(role.weight(index), shape.rows(), shape.columns()));
    }

    /** Expert after expert, so that what is used together lies together. */
    private void experts(List<TensorShape> shapes) throws IOException {
        Map<TensorRole, List<Linear>> stacks = new EnumMap<>(TensorRole.class);
        for (int expert = 0; !shapes.isEmpty() && expert < shapes.getFirst().count(); expert++) {
            tensors.beginExpert(expert);
            for (TensorShape shape : shapes) {
                String name = shape.role().weight(index);
                stacks.computeIfAbsent(shape.role(), role -> new ArrayList<>())
                        .add(tensors.inStack(name, expert, shape.count(), shape.rows(), shape.columns()));
            }
        }
        stacks.forEach(group::stack);
        for (TensorShape shape : shapes) {
            group.bias(shape.role(), tensors.optional(shape.role().bias(index), shape.count() * shape.rows()));
        }
    }

    private void read(TensorShape shape) throws IOException {
        String name = shape.role().weight(index);
        String bias = shape.role().bias(index);
        switch (shape.kind()) {
            case MATRIX -> matrix(shape, name, bias);
            case STACK -> {
                group.stack(shape.role(), tensors.stack(name, shape.count(), shape.rows(), shape.columns()));
                group.bias(shape.role(), tensors.optional(bias, shape.count() * shape.rows()));
            }
            case NORM -> group.norm(shape.role(), weights.norm(name, bias, config, shape.rows()));
            case VECTOR -> group.vector(shape.role(), tensors.vector(name, shape.rows()));
            case GAINS -> group.vector(shape.role(), tensors.optional(name, shape.count() * shape.rows()));
            case BIAS -> group.bias(shape.role(), tensors.optional(bias, shape.rows()));
            case RESIDUAL -> residual(shape, name);
        }
    }

    private void matrix(TensorShape shape, String name, String bias) throws IOException {
        Optional<Fusion> fusion =
                shape.fusion().filter(candidate -> candidate.isIn(role -> tensors.hasMatrix(role.weight(index))));
        if (fusion.isPresent()) {
            Fusion range = fusion.get();
            group.matrix(
                    shape.role(),
                    tensors.rowsOf(
                            range.role().weight(index), range.rows(), range.from(), shape.rows(), shape.columns()));
            group.bias(
                    shape.role(),
                    tensors.optionalRange(range.role().bias(index), range.rows(), range.from(), shape.rows()));
        } else {
            group.matrix(shape.role(), tensors.matrix(name, shape.rows(), shape.columns()));
            group.bias(shape.role(), tensors.optional(bias, shape.rows()));
        }
    }

    private void residual(TensorShape shape, String name) throws IOException {
        Optional<? extends Linear> matrix = shape.rows() == shape.columns()
                ? tensors.shapedMatrix(name, shape.rows(), shape.columns())
                : Optional.of(tensors.tiled(name, shape.rows(), shape.columns()));
        group.stack(shape.role(), matrix.map(List::<Linear>of).orElse(List.of()));
    }
}
