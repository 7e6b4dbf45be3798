package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import java.time.Duration;

/** A shared model whose layers can be evaluated apart. */
final class SharedLayeredModel extends SharedModel implements LayeredModel {
    private final LayeredModel model;

    SharedLayeredModel(LayeredModel model, Duration longestPass) {
        super(model, longestPass);
        this.model = model;
    }

    @Override
    public int layerCount() {
        return model.layerCount();
    }

    @Override
    public boolean sharesBasis() {
        return model.sharesBasis();
    }

    @Override
    public LayeredState newState(int capacity, CacheType cacheType) {
        return new SharedLayeredState(loop(), model.newState(capacity, cacheType));
    }
}
