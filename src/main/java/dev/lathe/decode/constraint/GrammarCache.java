package dev.lathe.decode.constraint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Compiled grammars, by what they were made of: the ones that were used last. A grammar that is kept keeps its states
 * and masks too. Thread-safe.
 *
 * @param <K> what a grammar is made of, compared by {@code equals}
 */
public final class GrammarCache<K> {
    private final int capacity;
    private final Map<K, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true); // guarded by itself

    /**
     * An empty cache.
     *
     * @param capacity how many grammars are kept, each with at most some 64 MB
     */
    public GrammarCache(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity + ": expected at least 1");
        }
        this.capacity = capacity;
    }

    /** The grammar of a key, made if it is not here. What cannot be made is not remembered. */
    public Grammar get(K key, Function<? super K, Grammar> made) {
        synchronized (grammars) {
            Grammar known = grammars.get(key);
            if (known != null) {
                return known;
            }
        }
        Grammar grammar = made.apply(key);
        synchronized (grammars) {
            Grammar meanwhile = grammars.putIfAbsent(key, grammar);
            if (grammars.size() > capacity) {
                grammars.remove(grammars.keySet().iterator().next());
            }
            return meanwhile == null ? grammar : meanwhile;
        }
    }
}
