package dev.lathe.decode.constraint;

import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether no value follows two branches of {@code oneOf}: their types differ, or a required member tells them apart by
 * its constants. Then it means what {@code anyOf} means.
 */
final class JsonDisjointness {
    private JsonDisjointness() {}

    /**
     * @throws ConstraintException if two branches are not seen to exclude each other
     */
    static void check(JsonSchema schema, JsonSchema root) {
        List<JsonSchema> branches = schema.subschemas("oneOf").stream()
                .map(branch -> branch.resolve(root))
                .toList();
        for (int i = 0; i < branches.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!apart(branches.get(j), branches.get(i), root)) {
                    throw schema.failure(
                            "oneOf",
                            "branches " + j + " and " + i + " may overlap: expected different types, or a required"
                                    + " member with different constants; or use anyOf");
                }
            }
        }
    }

    private static boolean apart(JsonSchema a, JsonSchema b, JsonSchema root) {
        if (!(a.value() instanceof JsonObject) || !(b.value() instanceof JsonObject)) {
            return false;
        }
        if (disjoint(constants(a), constants(b)) || disjoint(kinds(a), kinds(b))) {
            return true;
        }
        Set<String> names = required(a);
        names.retainAll(required(b));
        return kinds(a).equals(Set.of("object"))
                && kinds(b).equals(Set.of("object"))
                && names.stream()
                        .anyMatch(name ->
                                disjoint(constants(property(a, name, root)), constants(property(b, name, root))));
    }

    private static <T> boolean disjoint(Set<T> a, Set<T> b) {
        return !a.isEmpty() && !b.isEmpty() && Collections.disjoint(a, b);
    }

    /** The texts that are allowed alone; empty if others may be too. */
    private static Set<String> constants(JsonSchema schema) {
        if (schema == null || !(schema.value() instanceof JsonObject)) {
            return Set.of();
        }
        List<JsonValue> values = schema.has("const")
                ? List.of(schema.get("const"))
                : schema.has("enum") ? schema.elements("enum") : List.of();
        return values.stream().allMatch(JsonString.class::isInstance)
                ? values.stream().map(JsonValue::toJson).collect(Collectors.toSet())
                : Set.of();
    }

    private static Set<String> kinds(JsonSchema schema) {
        Set<String> kinds = new HashSet<>(schema.types());
        if (kinds.remove("integer")) {
            kinds.add("number");
        }
        return kinds;
    }

    private static Set<String> required(JsonSchema schema) {
        return schema.has("required")
                ? schema.elements("required").stream()
                        .filter(JsonString.class::isInstance)
                        .map(name -> ((JsonString) name).text())
                        .collect(Collectors.toCollection(HashSet::new))
                : new HashSet<>();
    }

    private static JsonSchema property(JsonSchema schema, String name, JsonSchema root) {
        if (!schema.has("properties")) {
            return null;
        }
        JsonSchema properties = schema.subschema("properties");
        return properties.object().members().containsKey(name)
                ? properties.subschema(name).resolve(root)
                : null;
    }
}
