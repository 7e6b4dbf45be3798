package dev.lathe.text.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class JsonValueProperties {
    record Point(int x, List<String> names) {}

    @Property
    void whatIsWrittenReadsBackTheSame(@ForAll long seed, @ForAll @IntRange(max = 4) int indent) {
        JsonValue value = random(RandomGeneratorFactory.getDefault().create(seed), 4);
        String text = indent == 0 ? value.toJson() : value.toJson(indent);
        assertEquals(value, JsonValue.parse(text));
    }

    @Property
    void numbersKeepTheirValues(@ForAll long integer, @ForAll double number) {
        assertEquals(integer, JsonValue.parse(JsonValue.of(integer).toJson()).toJava());
        assertEquals(number, ((JsonNumber) JsonValue.parse(JsonValue.of(number).toJson())).doubleValue());
    }

    /** Text of the letters that JSON is made of: nearly all of it wrong, some right. */
    @Property
    void noTextBreaksTheReader(@ForAll @Size(max = 12) List<@IntRange(max = 21) Integer> letters) {
        StringBuilder text = new StringBuilder();
        letters.forEach(letter -> text.append("{}[]:,\"\\u0d8-+.eE1tna ".charAt(letter)));
        try {
            JsonValue value = JsonValue.parse(text.toString());
            assertEquals(value, JsonValue.parse(value.toJson()));
        } catch (JsonException expected) {
            // Any other exception fails the property.
        }
    }

    @Property(tries = 1)
    void javaValuesBecomeJsonAndBack() {
        Map<String, Object> map = new HashMap<>();
        map.put("k", new int[] {1, 2});
        assertEquals("{\"k\": [1, 2]}", JsonValue.of(map).toJson());
        assertEquals(
                "[null, 1.5, null, \"a\\\"\\u0001\", {\"x\": 3, \"names\": [\"n\"]}, true]",
                JsonValue.of(List.of(Optional.empty(), 1.5f, Double.NaN, "a\"\u0001", new Point(3, List.of("n")), true))
                        .toJson());
        assertThrows(IllegalArgumentException.class, () -> JsonValue.of(new Object()));
        assertThrows(IllegalArgumentException.class, () -> JsonValue.of("\uD800"));
        assertEquals("{\n  \"k\": [\n    1,\n    2\n  ]\n}", JsonValue.of(map).toJson(2));
        assertEquals("[]", JsonValue.of(List.of()).toJson(2));
        assertEquals(9.3e18, JsonValue.parse("9300000000000000000").toJava());
    }

    @Property(tries = 1)
    void membersAreReadByTheirKind() {
        JsonObject object = (JsonObject) JsonValue.parse("{\"a\": 1.5, \"b\": null, \"c\": \"x\", \"d\": 1e999}");
        assertEquals(1.5, object.doubleValue("a"));
        assertEquals(Optional.empty(), object.findLong("b"));
        assertEquals("'a': an integer is expected, got 1.5", message(() -> object.longValue("a")));
        assertEquals("'b' is missing; a text is expected", message(() -> object.text("b")));
        assertEquals("'c': an object is expected, got a text", message(() -> object.object("c")));
        assertEquals("'d': 1e999 is beyond a double", message(() -> object.doubleValue("d")));
        assertEquals("'c': a boolean is expected, got a text", message(() -> object.findBoolean("c")));
    }

    private static String message(Runnable reading) {
        return assertThrows(JsonException.class, reading::run).getMessage();
    }

    private static JsonValue random(RandomGenerator random, int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 7)) {
            case 0 -> JsonLiteral.values()[random.nextInt(3)];
            case 1 -> JsonValue.of(random.nextLong());
            case 2 -> JsonValue.of(random.nextDouble(-1e30, 1e30));
            case 3, 4 -> new JsonString(text(random));
            case 5 -> {
                List<JsonValue> elements = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    elements.add(random(random, depth - 1));
                }
                yield new JsonArray(elements);
            }
            default -> {
                Map<String, JsonValue> members = new HashMap<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    members.put(text(random), random(random, depth - 1));
                }
                yield new JsonObject(members);
            }
        };
    }

    private static String text(RandomGenerator random) {
        int[] codePoints = random.ints(random.nextInt(6), 0, 0x3000)
                .map(c -> random.nextInt(8) == 0 ? 0x1F600 + c % 64 : random.nextBoolean() ? c % 128 : c)
                .toArray();
        return new String(codePoints, 0, codePoints.length);
    }
}
