package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class UnigramTest {
    private static Metadata.Builder metadata(List<String> pieces, float... scores) {
        List<String> tokens = new ArrayList<>(List.of("<pad>", "</s>", "<unk>"));
        tokens.addAll(pieces);
        int[] types = new int[tokens.size()];
        Arrays.fill(types, Vocabulary.NORMAL);
        types[0] = Vocabulary.CONTROL;
        types[1] = Vocabulary.CONTROL;
        types[2] = Vocabulary.UNKNOWN;
        float[] all = new float[tokens.size()];
        System.arraycopy(scores, 0, all, 3, scores.length);
        return Metadata.builder()
                .string("tokenizer.ggml.model", "t5")
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", types)
                .floats("tokenizer.ggml.scores", all)
                .bool("tokenizer.ggml.add_eos_token", false);
    }

    @Test
    void sentencesOfAnEncoderBecomeItsTokens() throws IOException {
        Tokenizer tokenizer = Vocabularies.load(ReferenceData.require("tiny/xlm-roberta.gguf"));
        JsonObject reference = (JsonObject) JsonValue.read(ReferenceData.require("tiny/xlm-roberta.json"));
        JsonArray sentences = reference.array("sentences");
        for (JsonValue each : sentences.elements()) {
            JsonObject sentence = (JsonObject) each;
            int[] expected = sentence.array("tokens").elements().stream()
                    .mapToInt(id -> (int) ((JsonNumber) id).longValue())
                    .toArray();
            assertArrayEquals(expected, tokenizer.encode(sentence.text("text")), sentence.text("text"));
        }
    }

    /** The sum of scores is the largest of all ways to cut. */
    @Property(tries = 500)
    void theBestOfAllWaysIsFound(@ForAll @StringLength(max = 9) @CharRange(from = 'a', to = 'c') String text) {
        List<String> pieces = List.of("a", "b", "ab", "ba", "aab", "bab", "abab");
        float[] scores = {-3, -2.5f, -4.25f, -5.125f, -6, -6.5f, -8.75f};
        Tokenizer tokenizer = Tokenizer.from(metadata(pieces, scores).build());
        double found = 0;
        for (int token : tokenizer.encode(text)) {
            found += token == 2 ? 0 : scores[token - 3];
        }
        long runs = text.replaceAll("[^c]+", " ")
                .trim()
                .chars()
                .filter(c -> c == 'c')
                .count();
        assertEquals(best(text, pieces, scores), found, 1e-9);
        assertEquals(
                text.replaceAll("c+", ""),
                tokenizer.decode(tokenizer.encode(text)),
                () -> runs + " characters without a piece");
    }

    private static double best(String text, List<String> pieces, float[] scores) {
        if (text.isEmpty()) {
            return 0;
        }
        double best = text.startsWith("c") ? best(text.substring(1), pieces, scores) : Double.NEGATIVE_INFINITY;
        for (int i = 0; i < scores.length; i++) {
            if (text.startsWith(pieces.get(i))) {
                best = Math.max(
                        best, scores[i] + best(text.substring(pieces.get(i).length()), pieces, scores));
            }
        }
        return best;
    }

    @Test
    void spacesAreMarkedAsTheFileSays() {
        List<String> pieces = List.of("\u2581", "a", "b", "\u2581a");
        float[] scores = {-1, -1, -1, -1};
        Tokenizer plain = Tokenizer.from(metadata(pieces, scores).build());
        assertArrayEquals(new int[] {4, 3, 6, 3}, plain.encode("a  a "));
        Tokenizer prefixing = Tokenizer.from(metadata(pieces, scores)
                .bool("tokenizer.ggml.add_space_prefix", true)
                .build());
        assertArrayEquals(new int[] {6, 3, 6, 3}, prefixing.encode("a  a "));
        Tokenizer merging = Tokenizer.from(metadata(pieces, scores)
                .bool("tokenizer.ggml.remove_extra_whitespaces", true)
                .build());
        assertArrayEquals(new int[] {6, 6}, merging.encode("a  a "));
        assertEquals("a a", merging.decode(6, 6));
    }

    @Test
    @Slow
    void forgedMapsOfCharactersDoNoHarm() {
        byte[] forged = new byte[64];
        for (int seed = 0; seed < 3000; seed++) {
            new java.util.Random(seed).nextBytes(forged);
            forged[0] = 40;
            forged[1] = forged[2] = forged[3] = 0;
            CharacterMap map = new CharacterMap(forged);
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> map.apply("abc\u00e9\u4e2d".repeat(20)));
        }
    }
}
