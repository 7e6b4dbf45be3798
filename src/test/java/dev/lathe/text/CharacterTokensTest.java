package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.Metadata;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GGUF files whose BPE merges characters, on mixed strings, beside the tokenizers library; a script makes them. */
class CharacterTokensTest {
    private static final Path REFERENCES = Path.of("src/test/resources/references");

    private static List<String> texts(JsonArray array) {
        return array.elements().stream().map(text -> ((JsonString) text).text()).toList();
    }

    private static Metadata.Builder metadata(String model, String pre, List<String> pieces, List<String> merges) {
        int[] types = pieces.stream()
                .mapToInt(piece -> piece.matches("<0x..>") ? Vocabulary.BYTE : Vocabulary.NORMAL)
                .toArray();
        types[0] = Vocabulary.UNKNOWN;
        types[1] = Vocabulary.CONTROL;
        return Metadata.builder()
                .string("tokenizer.ggml.model", model)
                .string("tokenizer.ggml.pre", pre)
                .strings(Vocabulary.TOKENS, pieces)
                .ints(Vocabulary.TOKEN_TYPES, types)
                .strings(MergeTable.MERGES, merges)
                .uint32("tokenizer.ggml.bos_token_id", 1);
    }

    @ParameterizedTest
    @CsvSource({
        "gemma4, gemma4, gemma4",
        "gpt2, granite-embed-multi-311m, gemma4",
        "gpt2, sarvam-moe, gemma4",
        "whitespace, whitespace, whitespace"
    })
    void everyTextBecomesTheSameTokens(String model, String pre, String reference) throws IOException {
        JsonObject expected =
                ((JsonObject) JsonValue.read(REFERENCES.resolve("character_tokens.json"))).object(reference);
        Tokenizer tokenizer =
                Tokenizer.from(metadata(model, pre, texts(expected.array("pieces")), texts(expected.array("merges")))
                        .build());
        List<String> strings = texts(((JsonObject) JsonValue.read(REFERENCES.resolve("splits.json"))).array("strings"));
        List<JsonValue> tokens = expected.array("tokens").elements();
        assertTrue(strings.size() >= 300);
        for (int i = 0; i < strings.size(); i++) {
            int[] wanted = ((JsonArray) tokens.get(i))
                    .elements().stream()
                            .mapToInt(token -> (int) ((JsonNumber) token).longValue())
                            .toArray();
            assertArrayEquals(wanted, tokenizer.encode(strings.get(i), false, false), strings.get(i));
            if (reference.equals("gemma4")) {
                assertEquals(strings.get(i), tokenizer.decode(wanted));
            }
        }
        assertEquals(reference.equals("gemma4") && !pre.equals("sarvam-moe"), tokenizer.addsBos());
    }

    @Test
    void runsOfNewlinesAreOneTokenWhateverMergesSay() {
        List<String> pieces = List.of("<unk>", "<bos>", "a", "\n", "\n\n\n", "aaa");
        String text = "aaa\n\n\naaa\n\n";
        assertArrayEquals(
                new int[] {2, 2, 2, 4, 2, 2, 2, 3, 3},
                Tokenizer.from(metadata("gpt2", "gemma4", pieces, List.of()).build())
                        .encode(text, false, false));
        assertArrayEquals(
                new int[] {2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3},
                Tokenizer.from(metadata("gpt2", "sarvam-moe", pieces, List.of()).build())
                        .encode(text, false, false));
    }

    @Test
    void lettersBecomeSmallWhereTheFileSaysSo() {
        Metadata metadata = metadata("whitespace", "whitespace", List.of("<unk>", "<bos>", "a", "b"), List.of())
                .bool("tokenizer.ggml.normalizer.lowercase", true)
                .build();
        assertArrayEquals(new int[] {2, 3, 2}, Tokenizer.from(metadata).encode("A\u3000b A", false, false));
    }
}
