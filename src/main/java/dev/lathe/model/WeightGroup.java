package dev.lathe.model;

import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Neurons;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * The weights of one layer, or those outside of the layers, by role. What a model lacks is absent. Immutable: vectors are not
 * copied and must not be changed.
 */
public final class WeightGroup {
    /** An absent vector. */
    public static final float[] NONE = {};

    private final Map<TensorRole, List<Linear>> matrices;
    private final Map<TensorRole, float[]> vectors;
    private final Map<TensorRole, float[]> biases;
    private final Optional<Neurons> neurons;

    private WeightGroup(
            Map<TensorRole, List<Linear>> matrices,
            Map<TensorRole, float[]> vectors,
            Map<TensorRole, float[]> biases,
            Optional<Neurons> neurons) {
        this.neurons = neurons;
        this.matrices = Collections.unmodifiableMap(matrices);
        this.vectors = Collections.unmodifiableMap(vectors);
        this.biases = Collections.unmodifiableMap(biases);
    }

    /** A group that has nothing yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The same group, to be changed. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.matrices.putAll(matrices);
        builder.vectors.putAll(vectors);
        builder.biases.putAll(biases);
        builder.neurons = neurons;
        return builder;
    }

    /**
     * A linear layer that the model must have.
     *
     * @throws IllegalArgumentException if it has not
     */
    public Linear matrix(TensorRole role) {
        return findMatrix(role)
                .orElseThrow(() -> new IllegalArgumentException(
                        "weights lack " + role.weight() + "; they have " + matrices.keySet()));
    }

    /** A linear layer that the model may have. */
    public Optional<Linear> findMatrix(TensorRole role) {
        return Optional.ofNullable(matrices.get(role)).map(List::getFirst);
    }

    /** Linear layers that stand in one tensor, such as those of experts; empty if the model has none. */
    public List<Linear> stack(TensorRole role) {
        return matrices.getOrDefault(role, List.of());
    }

    /** A vector, or {@link #NONE}. */
    public float[] vector(TensorRole role) {
        return vectors.getOrDefault(role, NONE);
    }

    /** What is added to a linear layer's or a norm's output, or {@link #NONE}. */
    public float[] bias(TensorRole role) {
        return biases.getOrDefault(role, NONE);
    }

    /** A norm; its gain is empty where the model has none. */
    public NormWeights norm(TensorRole role) {
        return new NormWeights(vector(role), bias(role));
    }

    /** The neurons of a feed-forward part, where they stand in for its matrices. */
    public Optional<Neurons> neurons() {
        return neurons;
    }

    /** Visits all linear layers, in the order of {@link TensorRole}. */
    public void forEach(BiConsumer<TensorRole, Linear> visitor) {
        matrices.forEach((role, stack) -> stack.forEach(matrix -> visitor.accept(role, matrix)));
    }

    /** The same weights with other linear layers. */
    public WeightGroup map(BiFunction<TensorRole, Linear, Linear> change) {
        Builder builder = toBuilder();
        builder.matrices.replaceAll((role, stack) ->
                stack.stream().map(matrix -> change.apply(role, matrix)).toList());
        return builder.build();
    }

    /** A group in the making. */
    public static final class Builder {
        private final Map<TensorRole, List<Linear>> matrices = new EnumMap<>(TensorRole.class);
        private final Map<TensorRole, float[]> vectors = new EnumMap<>(TensorRole.class);
        private final Map<TensorRole, float[]> biases = new EnumMap<>(TensorRole.class);
        private Optional<Neurons> neurons = Optional.empty();

        private Builder() {}

        /** Sets a linear layer. */
        public Builder matrix(TensorRole role, Linear matrix) {
            return stack(role, List.of(matrix));
        }

        /** Sets a linear layer, or nothing. */
        public Builder matrix(TensorRole role, Optional<? extends Linear> matrix) {
            matrix.ifPresent(present -> matrix(role, present));
            return this;
        }

        /** Sets linear layers that stand in one tensor, or nothing. */
        public Builder stack(TensorRole role, List<? extends Linear> stack) {
            if (!stack.isEmpty()) {
                matrices.put(role, List.copyOf(stack));
            }
            return this;
        }

        /** Sets a vector; an empty one is absent. */
        public Builder vector(TensorRole role, float[] vector) {
            return put(vectors, role, vector);
        }

        /** Sets what is added; an empty one is absent. */
        public Builder bias(TensorRole role, float[] bias) {
            return put(biases, role, bias);
        }

        /** Sets a norm. */
        public Builder norm(TensorRole role, NormWeights norm) {
            return vector(role, norm.gain()).bias(role, norm.shift());
        }

        /** Sets neurons in place of matrices. */
        public Builder neurons(Neurons bundles) {
            neurons = Optional.of(bundles);
            return this;
        }

        private Builder put(Map<TensorRole, float[]> map, TensorRole role, float[] values) {
            if (values.length == 0) {
                map.remove(role);
            } else {
                map.put(role, values);
            }
            return this;
        }

        /** The group. */
        public WeightGroup build() {
            return new WeightGroup(new EnumMap<>(matrices), new EnumMap<>(vectors), new EnumMap<>(biases), neurons);
        }
    }
}
