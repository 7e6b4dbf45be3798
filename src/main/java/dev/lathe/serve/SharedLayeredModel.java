package dev.lathe.serve;

import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingLayeredModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;

/** A shared model whose layers can be evaluated apart. */
final class SharedLayeredModel extends SharedModel implements ForwardingLayeredModel {
    SharedLayeredModel(LayeredModel model, EngineOptions options) {
        super(model, options);
    }

    @Override
    public LayeredModel inner() {
        return (LayeredModel) super.inner();
    }

    @Override
    public LayeredState newState(int capacity, CacheType cacheType) {
        return new SharedLayeredState(this, cacheType, inner().newState(capacity, cacheType));
    }
}
