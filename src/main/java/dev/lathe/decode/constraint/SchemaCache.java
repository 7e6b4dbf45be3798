package dev.lathe.decode.constraint;

/**
 * Compiled JSON schemas, by their text: the ones that were used last. Programs send the same few schemas with each
 * request; a grammar that is kept keeps its states and masks too. Thread-safe.
 */
public final class SchemaCache {
    /** The schema of any JSON object. */
    public static final String ANY_OBJECT = "{\"type\": \"object\"}";

    private final GrammarCache<String> grammars;

    /**
     * An empty cache.
     *
     * @param capacity how many grammars are kept, each with at most some 64 MB
     */
    public SchemaCache(int capacity) {
        this.grammars = new GrammarCache<>(capacity);
    }

    /**
     * The grammar of a schema, compiled if it is not here; see {@link Constraint#jsonSchema}.
     *
     * @throws ConstraintException if the schema is no JSON, or uses a keyword that is not supported, with its JSON
     *     pointer
     */
    public Grammar get(String schema) {
        return grammars.get(schema, Constraint::jsonSchema);
    }
}
