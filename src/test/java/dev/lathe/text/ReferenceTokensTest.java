package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Other tokenizers' tokens of the same texts. */
class ReferenceTokensTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert-bge",
                "deepseek-coder",
                "deepseek-llm",
                "falcon",
                "gpt-2",
                "llama-spm",
                "mpt",
                "phi-3",
                "refact",
                "starcoder"
            })
    void givesTheTokensOfEachPair(String name) throws IOException {
        String file = "vocab/ggml-vocab-" + name + ".gguf";
        Tokenizer tokenizer = Vocabularies.load(ReferenceData.require(file));
        String[] texts = Files.readString(ReferenceData.require(file + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        String[] expected =
                Files.readString(ReferenceData.require(file + ".out")).split("\n", -1);
        assertEquals(texts.length, expected.length);
        assertTrue(texts.length > 40);
        for (int i = 0; i < texts.length; i++) {
            assertArrayEquals(numbers(expected[i]), tokenizer.encode(texts[i], false, false), texts[i]);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lathe-java, lathe-java/lathe-java-f16.gguf",
        "smollm2-135m, smollm2-135m-instruct-q4_1.gguf",
        "stories260k, stories260k.gguf"
    })
    void givesTheTokensOfTheReferencePrompts(String name, String model) throws IOException {
        Tokenizer tokenizer = Vocabularies.load(ReferenceData.require(model));
        String json = Files.readString(ReferenceData.require("reference/" + name + ".json"));
        Matcher prompt = Pattern.compile("\"text\": (\"(?:[^\"\\\\]|\\\\.)*\"),\\s*\"tokens\": \\[([^\\]]*)]")
                .matcher(json);
        int prompts = 0;
        for (; prompt.find(); prompts++) {
            String text = unquoted(prompt.group(1));
            int[] tokens = numbers(prompt.group(2).replace(",", " "));
            assertArrayEquals(tokens, tokenizer.encode(text, true, true), text);
            assertEquals(text, tokenizer.decode(true, tokenizer.encode(text, false, true)));
        }
        assertTrue(prompts >= 3, "prompts found: " + prompts);
    }

    @Test
    void roundTripsRealTexts() throws IOException {
        Tokenizer java = Vocabularies.load(ReferenceData.require("lathe-java/lathe-java-f16.gguf"));
        Tokenizer english = Vocabularies.load(ReferenceData.require("vocab/ggml-vocab-llama-spm.gguf"));
        String javaText = Files.readString(ReferenceData.require("text/java.txt"));
        String englishText = Files.readString(ReferenceData.require("text/english.txt"));
        assertEquals(javaText, java.decode(java.encode(javaText)));
        assertEquals(englishText, english.decode(english.encode(englishText)));
    }

    private static int[] numbers(String line) {
        return line.isBlank()
                ? new int[0]
                : Arrays.stream(line.strip().split("\\s+"))
                        .mapToInt(Integer::parseInt)
                        .toArray();
    }

    private static String unquoted(String json) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < json.length() - 1; i++) {
            char c = json.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = json.charAt(++i);
            switch (escaped) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'u' -> {
                    text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
                    i += 4;
                }
                default -> text.append(escaped);
            }
        }
        return text.toString();
    }
}
