package dev.lathe.decode.constraint;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compiled JSON schemas, by their text: the ones that were used last. Programs send the same few schemas with each
 * request; a grammar that is kept keeps its states and masks too. Thread-safe.
 */
public final class SchemaCache {
    /** The schema of any JSON object. */
    public static final String ANY_OBJECT = "{\"type\": \"object\"}";

    private final int capacity;
    private final Map<String, Grammar> grammars = new LinkedHashMap<>(16, 0.75f, true); // guarded by itself

    /**
     * An empty cache.
     *
     * @param capacity how many grammars are kept, each with at most some 64 MB
     */
    public SchemaCache(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity + ": expected at least 1");
        }
        this.capacity = capacity;
    }

    /**
     * The grammar of a schema, compiled if it is not here; see {@link Constraint#jsonSchema}.
     *
     * @throws ConstraintException if the schema is no JSON, or uses a keyword that is not supported, with its JSON
     *     pointer
     */
    public Grammar get(String schema) {
        synchronized (grammars) {
            Grammar known = grammars.get(schema);
            if (known != null) {
                return known;
            }
        }
        Grammar compiled = Constraint.jsonSchema(schema);
        synchronized (grammars) {
            grammars.put(schema, compiled);
            if (grammars.size() > capacity) {
                grammars.remove(grammars.keySet().iterator().next());
            }
        }
        return compiled;
    }
}
