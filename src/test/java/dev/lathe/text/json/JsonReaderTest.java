package dev.lathe.text.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.file.HeapBudget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    @TempDir
    Path folder;

    @Test
    void everyKindOfValueIsRead() {
        JsonObject object = (JsonObject)
                JsonValue.parse(" {\"a\": [1, -2.50e+3, true, false, null], \"b\": {}, \"c\": [], \"\": \"\"}\n");
        assertEquals(List.of("a", "b", "c", ""), List.copyOf(object.members().keySet()));
        assertEquals(
                List.of(
                        new JsonNumber("1"),
                        new JsonNumber("-2.50e+3"),
                        JsonLiteral.TRUE,
                        JsonLiteral.FALSE,
                        JsonLiteral.NULL),
                object.array("a").elements());
    }

    @Test
    void escapesAreTheirCharacters() {
        assertEquals(
                new JsonString("\"\\/\b\f\n\r\té\uD83D\uDE00x"),
                JsonValue.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83d\\ude00x\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "[1,",
                "[1,]",
                "[,1]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{1:1}",
                "[1 2]",
                "tru",
                "True",
                "nul",
                "NaN",
                "Infinity",
                "-",
                "01",
                "-01",
                "1.",
                ".5",
                "+1",
                "1e",
                "1e+",
                "0x1",
                "1 1",
                "\"",
                "\"a",
                "\"\\",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\u\uFF11111\"",
                "\"\t\"",
                "'a'",
                "[1]]",
                "/*c*/1",
                "\uFEFF1",
                "\u00A01",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"\uD800\"",
                "[\"a\",\"b\"",
                "\u0000"
            })
    void whatIsNoJsonIsRefusedWithItsPlace(String text) {
        JsonException refused = assertThrows(JsonException.class, () -> JsonValue.parse(text));
        assertTrue(refused.getMessage().startsWith("line 1, column "), refused.getMessage());
    }

    @Test
    void aFailureNamesLineAndColumnInCharacters() {
        assertEquals(
                "line 2, column 5: ',' or ']' is expected, got 'x'",
                assertThrows(JsonException.class, () -> JsonValue.parse("[1,\n\"\uD83D\uDE00\" x]"))
                        .getMessage());
    }

    @Test
    void aNameThatOccursTwiceIsRefused() {
        assertEquals(
                "line 1, column 10: the name \"a\" occurs twice in one object",
                assertThrows(JsonException.class, () -> JsonValue.parse("{\"a\": 1, \"\\u0061\": 1}"))
                        .getMessage());
    }

    @Test
    void nestingIsBounded() {
        int depth = JsonValue.MAX_DEPTH;
        JsonValue.parse("[".repeat(depth) + "]".repeat(depth));
        for (String open : List.of("[", "{\"a\":")) {
            String message = assertThrows(JsonException.class, () -> JsonValue.parse(open.repeat(1_000_000)))
                    .getMessage();
            assertTrue(message.endsWith("nested deeper than " + depth + " levels"), message);
        }
        JsonValue.parse("[" + "[],".repeat(depth) + "[]]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "[]", "{}", "\"\"", "true"})
    void valuesPayForTheirMemory(String element) {
        String text = "[" + (element + ',').repeat(100_000) + "0]";
        String message = assertThrows(JsonException.class, () -> JsonReader.read(text, new HeapBudget(1 << 20)))
                .getMessage();
        assertTrue(message.contains("needs more than 1 MiB of heap"), message);
        JsonReader.read(text, new HeapBudget(1 << 25));
    }

    @Test
    void membersAndLongTextsPayForTheirMemory() {
        StringBuilder members = new StringBuilder("{\"\": 0");
        for (int i = 0; i < 20_000; i++) {
            members.append(",\"").append(i).append("\": 0");
        }
        for (String text :
                List.of(members + "}", "\"" + "a".repeat(1 << 20) + '"', "\"\\n" + "a".repeat(1 << 20) + '"')) {
            assertThrows(JsonException.class, () -> JsonReader.read(text, new HeapBudget(1 << 20)));
            JsonReader.read(text, new HeapBudget(1 << 25));
        }
    }

    @Test
    void aFileIsReadAndNamedInFailures() throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, "{\"a\": \"é\"}");
        assertEquals("é", ((JsonObject) JsonValue.read(file)).text("a"));
        Files.write(file, "{\"a\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(
                file + ": no UTF-8 (at byte 7)",
                assertThrows(JsonException.class, () -> JsonValue.read(file)).getMessage());
        assertThrows(IOException.class, () -> JsonValue.read(folder));
        assertThrows(IOException.class, () -> JsonValue.read(folder.resolve("absent")));
    }
}
