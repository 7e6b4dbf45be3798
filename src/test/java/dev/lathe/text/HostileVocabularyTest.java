package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.lathe.gguf.Metadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

/** Vocabularies made to slow tokenizing down do not. */
class HostileVocabularyTest {
    private static final Duration LONG = Duration.ofSeconds(15);

    private static Tokenizer withUserDefined(List<String> pieces) {
        Metadata base = Vocabularies.byteLevel().build();
        List<String> tokens = new ArrayList<>(base.strings("tokenizer.ggml.tokens"));
        int given = tokens.size();
        tokens.addAll(pieces);
        int[] types = Arrays.copyOf(base.findInts("tokenizer.ggml.token_type").orElseThrow(), tokens.size());
        Arrays.fill(types, given, types.length, Vocabulary.USER_DEFINED);
        return Tokenizer.from(base.toBuilder()
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", types)
                .build());
    }

    @Test
    void manyPiecesThatOccur() {
        List<String> pieces = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 40_000; i++) {
            pieces.add("<" + i + ">");
            text.append(pieces.getLast());
        }
        Tokenizer tokenizer = withUserDefined(pieces);
        int[] tokens = assertTimeoutPreemptively(LONG, () -> tokenizer.encode(text.toString(), false, false));
        assertEquals(40_000, tokens.length);
    }

    @Test
    void nestedPieces() {
        List<String> pieces = new ArrayList<>();
        for (int i = 2; i <= 2000; i++) {
            pieces.add("<".repeat(i));
        }
        Tokenizer tokenizer = withUserDefined(pieces);
        int[] tokens = assertTimeoutPreemptively(LONG, () -> tokenizer.encode("<".repeat(400_000), false, false));
        assertEquals(200, tokens.length);
    }

    @Test
    void aLongPieceOfWords() {
        Tokenizer tokenizer = Tokenizer.from(
                Vocabularies.wordPiece("_a", "a", "a".repeat(100_000)).build());
        int[] tokens = assertTimeoutPreemptively(LONG, () -> tokenizer.encode("a".repeat(99_999), false, false));
        assertEquals(99_999, tokens.length);
    }

    /** What is found is what looking at each place for each piece finds. */
    @Property(tries = 2000)
    void findsWhatANaiveSearchFinds(
            @ForAll @Size(min = 1, max = 8)
                    List<@StringLength(min = 1, max = 4) @CharRange(from = 'a', to = 'b') String> pieces,
            @ForAll @StringLength(max = 30) @CharRange(from = 'a', to = 'c') String text) {
        List<String> distinct = pieces.stream().distinct().toList();
        Vocabulary vocabulary = Vocabulary.from(
                Metadata.builder().strings("tokenizer.ggml.tokens", distinct).build());
        BitSet all = new BitSet();
        all.set(0, distinct.size());
        PieceFinder finder = new PieceFinder(vocabulary, all);
        int[] states = finder.states(text);
        for (int at = 0; at < text.length(); at++) {
            String rest = text.substring(at);
            List<String> found = new ArrayList<>();
            for (int state = finder.whole(states[at]); state != 0; state = finder.shorter(state)) {
                assertEquals(
                        finder.length(state),
                        vocabulary.piece(finder.token(state)).length());
                found.add(vocabulary.piece(finder.token(state)));
            }
            assertEquals(
                    distinct.stream()
                            .filter(rest::startsWith)
                            .sorted((a, b) -> b.length() - a.length())
                            .toList(),
                    found);
        }
        SpecialTokenFinder special = new SpecialTokenFinder(vocabulary, all, new BitSet(), new BitSet());
        int[] tokens = special.split(text, (token, from, to) -> true).stream()
                .mapToInt(SpecialTokenFinder.Fragment::token)
                .toArray();
        assertArrayEquals(naive(text, distinct), tokens);
    }

    /** Piece by piece, the longest first, from left to right in what is left. */
    private static int[] naive(String text, List<String> pieces) {
        int[] owner = new int[text.length()];
        Arrays.fill(owner, -1);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            order.add(i);
        }
        order.sort((a, b) -> pieces.get(b).length() - pieces.get(a).length());
        boolean[] starts = new boolean[text.length()];
        for (int piece : order) {
            String wanted = pieces.get(piece);
            for (int at = 0; at + wanted.length() <= text.length(); at++) {
                boolean free = text.startsWith(wanted, at);
                for (int i = at; free && i < at + wanted.length(); i++) {
                    free = owner[i] < 0;
                }
                if (free) {
                    starts[at] = true;
                    Arrays.fill(owner, at, at + wanted.length(), piece);
                }
            }
        }
        List<Integer> tokens = new ArrayList<>();
        for (int at = 0; at < text.length(); at++) {
            if (starts[at] || owner[at] < 0 && (at == 0 || owner[at - 1] >= 0)) {
                tokens.add(owner[at]);
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }
}
