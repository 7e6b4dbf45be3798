package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.text.split.IntList;
import dev.lathe.text.split.PreTokenizer;
import dev.lathe.text.split.ScannedText;
import dev.lathe.text.split.Splitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of a quarter of a megabyte that make backtracking or naive merging quadratic; the bounds are far above what is needed. */
class LongTextTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final int LENGTH = 1 << 18;
    private static final List<String> UNITS =
            List.of("a", " ", "\n", "1", "!", "'", " \n", "a ", "<", "é", "中", "🦙", "\u3000", "<|", "ab1 \n");

    @ParameterizedTest
    @EnumSource(PreTokenizer.class)
    @Slow
    void preTokenizersTakeLinearTime(PreTokenizer preTokenizer) {
        for (String unit : UNITS) {
            String text = unit.repeat(LENGTH / unit.length());
            IntList ends = assertTimeout(BOUND, () -> Splitter.split(new ScannedText(text), preTokenizer.steps()));
            assertEquals(text.codePointCount(0, text.length()), ends.get(ends.size() - 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "1", "\n", "!", "<", "<|im_start", "é"})
    void byteLevelStaysFast(String unit) {
        List<String> merges = new ArrayList<>();
        for (int length = 1; length <= 512; length *= 2) {
            merges.add("a".repeat(length) + " " + "a".repeat(length));
            merges.add("Ġ".repeat(length) + " " + "Ġ".repeat(length));
        }
        checkRoundTrip(
                Tokenizer.from(
                        Vocabularies.byteLevel(merges.toArray(String[]::new)).build()),
                unit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "a ", "é", "<tool>", "<tool"})
    void sentencePieceStaysFast(String unit) {
        List<String> pieces = new ArrayList<>(List.of("a", "▁"));
        for (int length = 2; length <= 512; length *= 2) {
            pieces.add("a".repeat(length));
            pieces.add("▁".repeat(length));
        }
        checkRoundTrip(
                Tokenizer.from(Vocabularies.sentencePiece(pieces.toArray(String[]::new))
                        .build()),
                unit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "!", "b", " "})
    void wordPieceStaysFast(String unit) {
        Tokenizer tokenizer = Tokenizer.from(Vocabularies.wordPiece("_a", "a", "b", "aaaa", "_!", "a".repeat(64))
                .build());
        int[] tokens = assertTimeout(BOUND, () -> tokenizer.encode(unit.repeat(LENGTH / unit.length())));
        assertTrue(tokens.length >= 2);
    }

    private static void checkRoundTrip(Tokenizer tokenizer, String unit) {
        String text = unit.repeat(LENGTH / unit.length());
        int[] tokens = assertTimeout(BOUND, () -> tokenizer.encode(text, false, true));
        assertEquals(text, assertTimeout(BOUND, () -> tokenizer.decode(tokens)));
    }
}
