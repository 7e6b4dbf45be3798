package dev.lathe.decode.constraint;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** JSON schemas for tests. */
public final class RandomSchemas {
    private RandomSchemas() {}

    /** Schemas of all types, two levels deep. */
    public static Arbitrary<String> all() {
        Arbitrary<String> leaves = Arbitraries.of(
                "true",
                "{'type': 'null'}",
                "{'type': ['boolean', 'string']}",
                "{'type': 'integer'}",
                "{'type': 'integer', 'minimum': -120, 'exclusiveMaximum': 1999}",
                "{'type': 'integer', 'minimum': 99.5, 'maximum': 1234567}",
                "{'type': 'number'}",
                "{'type': 'number', 'minimum': 0, 'maximum': 1}",
                "{'type': 'number', 'exclusiveMinimum': -3, 'exclusiveMaximum': 2}",
                "{'type': 'number', 'maximum': -17}",
                "{'type': 'string'}",
                "{'type': 'string', 'minLength': 2, 'maxLength': 5}",
                "{'type': 'string', 'pattern': '^[A-Z][a-z\\\\\\\\\\\"]+$'}",
                "{'type': 'string', 'pattern': 'x\\\\d'}",
                "{'type': 'string', 'format': 'date'}",
                "{'type': 'string', 'format': 'date-time'}",
                "{'type': 'string', 'format': 'uuid'}",
                "{'type': 'string', 'format': 'ipv4'}",
                "{'enum': ['a', 1, null, {'b': [true]}]}",
                "{'const': 'c'}");
        return Arbitraries.recursive(
                        () -> leaves,
                        inner -> Arbitraries.oneOf(
                                inner.list().ofMinSize(1).ofMaxSize(3).map(list -> "{'anyOf': " + list + "}"),
                                Combinators.combine(
                                                inner, Arbitraries.integers().between(0, 3))
                                        .as((items, least) -> "{'type': 'array', 'items': " + items + ", 'minItems': "
                                                + least + ", 'maxItems': " + (least + 2) + "}"),
                                Combinators.combine(inner.list().ofMinSize(1).ofMaxSize(3), inner)
                                        .as((first, items) -> "{'prefixItems': " + first + ", 'items': " + items
                                                + ", 'minItems': 1, 'maxItems': 4}"),
                                Combinators.combine(
                                                inner.list().ofMinSize(1).ofMaxSize(4),
                                                Arbitraries.integers().between(0, 15),
                                                Arbitraries.of("", "'additionalProperties': false, ", "additional"),
                                                inner)
                                        .as(RandomSchemas::object)),
                        0,
                        2)
                .map(schema -> schema.replace('\'', '"'));
    }

    private static String object(List<String> values, int required, String additional, String others) {
        String properties = IntStream.range(0, values.size())
                .mapToObj(i -> "'p" + i + "': " + values.get(i))
                .collect(Collectors.joining(", "));
        String names = IntStream.range(0, values.size())
                .filter(i -> (required >> i & 1) != 0)
                .mapToObj(i -> "'p" + i + "'")
                .collect(Collectors.joining(", "));
        return "{'type': 'object', "
                + (additional.equals("additional") ? "'additionalProperties': " + others + ", " : additional)
                + "'properties': {" + properties + "}, 'required': [" + names + "]}";
    }
}
