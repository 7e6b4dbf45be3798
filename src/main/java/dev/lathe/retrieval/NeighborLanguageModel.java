package dev.lathe.retrieval;

import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingLayeredModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import java.util.Objects;

/**
 * A language model that looks up each position's final hidden state in a store of earlier texts, and mixes the tokens
 * that came after the nearest ones into its own distribution. Khandelwal et al., "Generalization through Memorization:
 * Nearest Neighbor Language Models", 2020, arXiv 1911.00172.
 *
 * <p>It is a model as any other: its logits are the logarithms of the mixture, so sessions, measures and strategies run
 * on it as they are, and exact strategies stay exact. Early guesses of first layers are the model's alone, as drafts
 * are; the complete rows that verify them are mixed. Each row whose logits are wanted costs a search of the whole
 * store; rows of one batch are searched together.
 *
 * <p>Thread-safe, as models are. What is added to the store counts from the next row on, so a text can be repeated to
 * the bit only with the same store.
 */
public final class NeighborLanguageModel implements ForwardingLayeredModel {
    private final LayeredModel model;
    private final Datastore datastore;
    private final NeighborOptions options;
    private final NeighborMixture mixture;

    NeighborLanguageModel(LayeredModel model, Datastore datastore, NeighborOptions options) {
        this.model = model;
        this.datastore = datastore;
        this.options = Objects.requireNonNull(options, "options");
        this.mixture = new NeighborMixture(options);
    }

    @Override
    public LayeredModel inner() {
        return model;
    }

    @Override
    public LayeredState newState(int capacity, CacheType cacheType) {
        return new NeighborState(this, model.newState(capacity, cacheType));
    }

    /**
     * Mixes rows of logits in place.
     *
     * @param logits [rows x vocabulary]
     * @param rows which of them
     * @param hidden the final hidden state of each of these
     */
    void mix(FloatMatrix logits, int[] rows, FloatMatrix hidden) {
        if (options.weight() == 0 || rows.length == 0) {
            return;
        }
        List<List<Neighbor>> found = datastore.searchAll(hidden, options.count(), EntryFilter.ALL);
        for (int i = 0; i < rows.length; i++) {
            mixture.apply(logits, rows[i], found.get(i));
        }
    }
}
