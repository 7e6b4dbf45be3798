package dev.lathe.model;

/** A language model of layers, whose states can evaluate some of them first and the others later, or not at all. */
public interface LayeredModel extends LanguageModel {
    /** Number of layers that a token goes through. */
    int layerCount();

    @Override
    LayeredState newState(int capacity, CacheType cacheType);
}
