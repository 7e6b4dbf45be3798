package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers of Hugging Face folders, beside the library that wrote them. */
class TokenizerJsonTest {
    private static Tokenizer load(String folder) throws IOException {
        Path path = ReferenceData.require("hf/" + folder);
        return Tokenizer.from(TokenizerJson.read(
                (JsonObject) JsonValue.read(path.resolve("tokenizer.json")),
                (JsonObject) JsonValue.read(path.resolve("tokenizer_config.json")),
                Map.of()));
    }

    private static int[] ids(JsonObject object, String name) {
        return object.array(name).elements().stream()
                .mapToInt(id -> (int) ((JsonNumber) id).longValue())
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-bf16", "qwen3-f16-sharded", "gemma3-f32", "tokenizer-unigram", "tokenizer-wordpiece"})
    void everyTextBecomesTheSameTokensAndTheSameText(String folder) throws IOException {
        Tokenizer tokenizer = load(folder);
        JsonArray strings =
                ((JsonObject) JsonValue.read(ReferenceData.require("hf/" + folder + "/tokens.json"))).array("strings");
        assertTrue(strings.elements().size() >= 200);
        for (JsonValue each : strings.elements()) {
            JsonObject expected = (JsonObject) each;
            String text = expected.text("text");
            if (folder.contains("wordpiece") && text.codePoints().anyMatch(c -> !Character.isDefined(c))) {
                continue; // The library keeps code points without a character; here they are dropped.
            }
            assertArrayEquals(ids(expected, "ids"), tokenizer.encode(text, false, true), text);
            assertArrayEquals(ids(expected, "withSpecial"), tokenizer.encode(text, true, true), text);
            if (!folder.contains("wordpiece")) { // There the library removes spaces before punctuation too.
                assertEquals(expected.text("decoded"), tokenizer.decode(true, ids(expected, "ids")), text);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama-bf16, <s>, </s>",
        "qwen3-f16-sharded, <|endoftext|>, <|im_end|>",
        "gemma3-f32, <bos>, <eos>",
        "tokenizer-unigram, <s>, </s>"
    })
    void theConfigurationNamesBeginningAndEnd(String folder, String bos, String eos) throws IOException {
        Tokenizer tokenizer = load(folder);
        assertEquals(bos, tokenizer.piece(tokenizer.bos().getAsInt()));
        assertEquals(eos, tokenizer.piece(tokenizer.eos().getAsInt()));
        assertTrue(tokenizer.isEndOfGeneration(tokenizer.eos().getAsInt()));
    }

    private static final String SMALL = "{'model': {'type': 'BPE', 'vocab': {'a': 0, 'b': 1, 'ab': 2, '<u>': 3}, "
            + "'merges': [['a', 'b']]}, 'added_tokens': [{'id': 4, 'content': '<m>', 'special': true, 'lstrip': true, "
            + "'rstrip': true}], 'decoder': {'type': 'ByteLevel'}}";

    private static Tokenizer small(String json) {
        return Tokenizer.from(TokenizerJson.read(
                (JsonObject) JsonValue.parse(json.replace('\'', '"')), new JsonObject(Map.of()), Map.of()));
    }

    /** With the scheme "first" what stands behind a special token has no space put before it, with "always" it has. */
    @Test
    void aSpaceIsPutBeforeTheTextAlone() {
        String json =
                "{'model': {'type': 'BPE', 'vocab': {'a': 0, '\u2581': 1, '\u2581a': 2, '<u>': 3}, 'merges': [['\u2581', 'a']]},"
                        + "'added_tokens': [{'id': 4, 'content': '<m>', 'special': true}],"
                        + "'pre_tokenizer': {'type': 'Metaspace', 'prepend_scheme': 'first', 'split': false}}";
        assertArrayEquals(new int[] {2, 4, 0, 4, 2}, small(json).encode("a<m>a<m> a", false, true));
        assertArrayEquals(new int[] {4, 0}, small(json).encode("<m>a", false, true));
        assertArrayEquals(
                new int[] {2, 4, 2, 4, 2},
                small(json.replace("first", "always")).encode("a<m>a<m> a", false, true));
    }

    @Test
    void marksOfAllKindsAreStrippedAsAccents() {
        String json = SMALL.replace("'added_tokens'", "'normalizer': {'type': 'StripAccents'}, 'added_tokens'");
        assertArrayEquals(new int[] {2}, small(json).encode("a\u0301\u093e\u20ddb", false, true));
    }

    @Test
    void addedTokensTakeTheSpacesAroundThem() {
        assertArrayEquals(new int[] {2, 4, 0, 4}, small(SMALL).encode("ab  <m> a <m>", false, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'BPE'; 'Tree'; Tree",
                "'a': 0; 'a': 99999999; 99999999",
                "'a': 0; 'a': -1; -1",
                "'a': 0; 'a': 1; both",
                "['a', 'b']; ['a', 'q']; merges[0]",
                "['a', 'b']; 7; merges[0]",
                "'id': 4; 'id': 2; both",
                "'special': true; 'single_word': true; <m>",
                "'added_tokens'; 'normalizer': {'type': 'Magic'}, 'added_tokens'; Magic",
                "'added_tokens'; 'pre_tokenizer': {'type': 'Magic'}, 'added_tokens'; Magic",
                "'added_tokens'; 'post_processor': {'type': 'Magic'}, 'added_tokens'; Magic",
                "'added_tokens'; 'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '(a|b)*'}}, 'added_tokens'; (a|b)*",
                "'added_tokens'; 'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '['}}, 'added_tokens'; [",
                "'added_tokens'; 'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': '/////w=='}, 'added_tokens'; trie",
            })
    void whatIsBrokenOrUnknownIsNamed(String from, String to, String named) {
        assertTrue(SMALL.contains(from));
        RuntimeException failure = assertThrows(RuntimeException.class, () -> small(SMALL.replace(from, to)));
        assertTrue(failure instanceof JsonException || failure instanceof IllegalArgumentException);
        assertTrue(failure.getMessage().contains(named), failure.getMessage());
    }

    /** Whatever is broken in it, there is a tokenizer or one clear exception. */
    @Property(tries = 500)
    void forgedFilesFailClearly(@ForAll int at, @ForAll char put) {
        String forged = SMALL.replace('\'', '"');
        int place = Math.floorMod(at, forged.length());
        String broken = forged.substring(0, place) + put + forged.substring(place + 1);
        try {
            small(broken).encode("abc <m>", true, true);
        } catch (IllegalArgumentException | JsonException clear) {
            assertTrue(clear.getMessage().length() > 3);
        }
    }
}
