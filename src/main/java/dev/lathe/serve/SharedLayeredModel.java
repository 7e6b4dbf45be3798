package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;

/** A shared model whose layers can be evaluated apart. */
final class SharedLayeredModel extends SharedModel implements LayeredModel {
    private final LayeredModel model;

    SharedLayeredModel(LayeredModel model, EngineOptions options) {
        super(model, options);
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
        return new SharedLayeredState(this, cacheType, model.newState(capacity, cacheType));
    }
}
