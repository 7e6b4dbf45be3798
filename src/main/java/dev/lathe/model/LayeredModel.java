package dev.lathe.model;

/** A language model of layers, whose states can evaluate some of them first and the others later, or not at all. */
public interface LayeredModel extends LanguageModel {
    /** Number of layers that a token goes through. */
    int layerCount();

    /**
     * Whether the rows between any two layers mean the same as before the final norm. They do not in sliced models, whose layers
     * each have a basis of their own: their rows cannot leave early.
     */
    boolean sharesBasis();

    @Override
    LayeredState newState(int capacity, CacheType cacheType);
}
