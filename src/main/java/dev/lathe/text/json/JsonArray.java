package dev.lathe.text.json;

import java.util.List;

/**
 * A JSON array.
 *
 * @param elements its values in their order; copied, cannot be changed
 */
public record JsonArray(List<JsonValue> elements) implements JsonValue {
    /** An array. */
    public JsonArray {
        elements = List.copyOf(elements);
    }

    @Override
    public String kind() {
        return "an array";
    }

    @Override
    public String toString() {
        return toJson();
    }
}
