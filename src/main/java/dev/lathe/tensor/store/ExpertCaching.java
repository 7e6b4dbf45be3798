package dev.lathe.tensor.store;

/**
 * How the experts of a model fared under a limit on its weights.
 *
 * @param experts of all layers together
 * @param places how many of them are in memory at once
 * @param hits how often an expert was there when it was needed
 * @param misses how often it was read then
 * @param prefetches how many were read ahead of their use, or in vain
 */
public record ExpertCaching(int experts, int places, long hits, long misses, long prefetches) {
    /** The share of uses that read nothing; 0 before the first. */
    public double hitRate() {
        return hits + misses == 0 ? 0 : (double) hits / (hits + misses);
    }
}
