package dev.lathe.model;

import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Linear;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * All weights of a decoder, as a tree that can be walked. Immutable.
 *
 * @param global what stands outside of the layers: embedding, final norm, head (the embedding itself where they are tied) and what
 *     belongs to them
 * @param layers one group a layer, first to last
 */
public record ModelWeights(WeightGroup global, List<WeightGroup> layers) {
    /** Outside of the layers. */
    public static final int GLOBAL = -1;

    /** Copies the list. */
    public ModelWeights {
        layers = List.copyOf(layers);
    }

    /** Sees a linear layer. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Called once for each linear layer.
         *
         * @param layer counted from 0, or {@link #GLOBAL}
         */
        void visit(int layer, TensorRole role, Linear matrix);
    }

    /** Makes a linear layer of another. */
    @FunctionalInterface
    public interface Change {
        /**
         * Called once for each linear layer.
         *
         * @param layer counted from 0, or {@link #GLOBAL}
         */
        Linear apply(int layer, TensorRole role, Linear matrix);
    }

    /** Visits all linear layers: those outside of the layers, then layer by layer. */
    public void forEach(Visitor visitor) {
        global.forEach((role, matrix) -> visitor.visit(GLOBAL, role, matrix));
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            layers.get(i).forEach((role, matrix) -> visitor.visit(layer, role, matrix));
        }
    }

    /** Bytes of all linear layers in memory; what is both embedding and head counts once. */
    public long byteCount() {
        Set<Linear> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        forEach((layer, role, matrix) -> counted.add(matrix));
        return counted.stream().mapToLong(Linear::byteCount).sum();
    }

    /** The same tree with other linear layers. */
    public ModelWeights map(Change change) {
        List<WeightGroup> changed = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            changed.add(layers.get(i).map((role, matrix) -> change.apply(layer, role, matrix)));
        }
        return new ModelWeights(global.map((role, matrix) -> change.apply(GLOBAL, role, matrix)), changed);
    }
}
