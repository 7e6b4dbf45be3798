package dev.lathe.text.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mixed strings, cut as published tokenizers' regular expressions cut them in the tokenizers library. */
class ReferenceSplitsTest {
    private static final JsonObject REFERENCE = read();

    private static JsonObject read() {
        try {
            return (JsonObject) JsonValue.read(Path.of("src/test/resources/references/splits.json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<String> names() {
        return REFERENCE.object("splits").members().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyStringIsCutAlike(String name) {
        PreTokenizer preTokenizer = PreTokenizer.named(name);
        List<JsonValue> strings = REFERENCE.array("strings").elements();
        List<JsonValue> splits = REFERENCE.object("splits").array(name).elements();
        assertTrue(strings.size() >= 300);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < strings.size(); i++) {
            String text = ((JsonString) strings.get(i)).text();
            List<Integer> expected = lengths((JsonArray) splits.get(i));
            List<Integer> found = PreTokenizerTest.split(preTokenizer, text).stream()
                    .map(String::length)
                    .toList();
            if (!expected.equals(found)) {
                differences.add(new JsonString(text).toJson() + " " + expected + " " + found);
            }
        }
        assertEquals(List.of(), differences);
    }

    /** The one that is missing has a vocabulary with texts and tokens. */
    @Test
    void allAreTried() {
        Set<PreTokenizer> untried = EnumSet.allOf(PreTokenizer.class);
        names().map(PreTokenizer::named).forEach(untried::remove);
        assertEquals(Set.of(PreTokenizer.DEEPSEEK_LLM), untried);
    }

    private static List<Integer> lengths(JsonArray array) {
        return array.elements().stream()
                .map(length -> (int) ((JsonNumber) length).longValue())
                .toList();
    }
}
