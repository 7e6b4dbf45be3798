package dev.lathe.text.json;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A JSON value (RFC 8259): an object, an array, a text, a number, or one of {@code true}, {@code false} and {@code null}.
 * Immutable.
 *
 * <p>The reader is strict. It refuses what the RFC leaves open and what readers disagree about: names that occur twice,
 * unpaired surrogates, a byte order mark, {@code NaN}. It bounds nesting at {@value #MAX_DEPTH} levels and the memory of
 * the values at half of the heap.
 */
public sealed interface JsonValue permits JsonObject, JsonArray, JsonString, JsonNumber, JsonLiteral {
    /** How many objects and arrays may stand in each other. */
    int MAX_DEPTH = 200;

    /**
     * Reads one value with nothing but white space around it.
     *
     * @throws JsonException if the text is no valid JSON, with line and column
     */
    static JsonValue parse(String text) {
        return JsonReader.read(text);
    }

    /**
     * Reads a file in UTF-8 that holds one value.
     *
     * @throws JsonException if the file is no valid JSON; the message begins with the file's name
     * @throws IOException if the file cannot be read
     */
    static JsonValue read(Path file) throws IOException {
        return JsonFile.read(file);
    }

    /**
     * The JSON of a Java value: null, {@link CharSequence}, {@link Number}, {@link Boolean}, {@link Enum}, {@link
     * java.nio.file.Path}, {@link java.time.Duration}, maps in their order, iterables, arrays, {@link java.util.Optional}, records by their components,
     * and JSON values themselves. A number that is not finite becomes null.
     *
     * @throws IllegalArgumentException if there is no JSON for a value, with its class; or if a text has an unpaired
     *     surrogate
     */
    static JsonValue of(Object value) {
        return JsonConversion.toJson(value);
    }

    /**
     * The Java value of it: a map in its order, a list, a string, a {@link Long}, a {@link Double} where a number is no
     * {@code long}, a {@link Boolean}, or null. Maps and lists are the caller's own.
     */
    default Object toJava() {
        return JsonConversion.toJava(this);
    }

    /** This value on one line, with a space after each comma and colon. */
    default String toJson() {
        return JsonWriter.write(this, 0);
    }

    /**
     * This value with each member and element on a line of its own.
     *
     * @param indent how many spaces a level is indented by, at least 1
     */
    default String toJson(int indent) {
        if (indent < 1) {
            throw new IllegalArgumentException("indent " + indent + "; 1 or more is expected");
        }
        return JsonWriter.write(this, indent);
    }

    /** What kind of value it is, with its article, for messages. */
    String kind();
}
