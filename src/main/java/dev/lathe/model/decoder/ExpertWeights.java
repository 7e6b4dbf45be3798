package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.store.ExpertTiles;
import dev.lathe.tensor.store.WeightStore;
import java.util.List;
import java.util.Optional;

/** The matrices of one layer's experts, which may have to be waited for and be elsewhere each time. Immutable. */
final class ExpertWeights {
    private final List<Linear> gates;
    private final List<Linear> ups;
    private final List<Linear> downs;
    private final Optional<WeightStore> store;
    private final int layer;

    /**
     * The experts of a layer.
     *
     * @param store what has to be asked for them, if they are not always there
     */
    ExpertWeights(WeightGroup weights, Optional<WeightStore> store, int layer) {
        gates = weights.stack(TensorRole.EXPERT_GATE);
        ups = weights.stack(TensorRole.EXPERT_UP);
        downs = weights.stack(TensorRole.EXPERT_DOWN);
        this.store = store;
        this.layer = layer;
    }

    int outputSize() {
        return downs.getFirst().outputSize();
    }

    /** How many experts may be used at once. */
    int atOnce() {
        return store.map(WeightStore::expertsAtOnce).orElse(Integer.MAX_VALUE);
    }

    /** Whether it helps to know early which experts will be chosen. */
    boolean readsAhead() {
        return store.map(WeightStore::readsAhead).orElse(false);
    }

    /** These will probably be used soon. */
    void expect(int... experts) {
        store.ifPresent(s -> s.expect(layer, experts));
    }

    /** Waits for some experts; they are there until the result is closed. */
    Lease use(int... experts) {
        ExpertTiles tiles = store.map(s -> s.acquireExperts(layer, experts)).orElse(ExpertTiles.UNMOVED);
        return new Lease(tiles, experts);
    }

    /** Experts that are in memory, each by its number among those that were asked for. */
    final class Lease implements AutoCloseable {
        private final ExpertTiles tiles;
        private final int[] experts;

        private Lease(ExpertTiles tiles, int[] experts) {
            this.tiles = tiles;
            this.experts = experts;
        }

        Linear gate(int index) {
            return located(gates, index);
        }

        Linear up(int index) {
            return located(ups, index);
        }

        Linear down(int index) {
            return located(downs, index);
        }

        private Linear located(List<Linear> stack, int index) {
            Linear matrix = stack.get(experts[index]);
            return tiles == ExpertTiles.UNMOVED ? matrix : matrix.moved(segment -> tiles.locate(index, segment));
        }

        @Override
        public void close() {
            tiles.close();
        }
    }
}
