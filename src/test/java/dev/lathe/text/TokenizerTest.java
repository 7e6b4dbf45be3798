package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class TokenizerTest {
    private static final Tokenizer BYTES =
            Tokenizer.from(Vocabularies.byteLevel("a b", "b c", "ab c", "Ġ ab").build());
    private static final Tokenizer PIECES = Tokenizer.from(
            Vocabularies.sentencePiece("▁a", "bc", "▁ab", "a", "b", "c", "▁", "<", "s", ">", "s>", "</", "▁▁")
                    .build());

    @Test
    void mergesTheEarliestLearntPairFirst() {
        assertEquals("abc", Vocabularies.pieces(BYTES, BYTES.encode("abc")));
        assertEquals("bc", Vocabularies.pieces(BYTES, BYTES.encode("bc")));
        assertEquals("x Ġab ab", Vocabularies.pieces(BYTES, BYTES.encode("x abab")));
    }

    @Test
    void mergesTheHighestScoreFirst() {
        assertEquals("▁a bc", Vocabularies.pieces(PIECES, PIECES.encode("abc", false, false)));
        assertEquals("▁ab ▁ b", Vocabularies.pieces(PIECES, PIECES.encode("ab b", false, false)));
    }

    @Test
    void spellsWhatIsNoPieceInBytes() {
        assertEquals("▁ <0xC3> <0xA9> a", Vocabularies.pieces(PIECES, PIECES.encode("éa", false, false)));
        Tokenizer noBytes = Tokenizer.from(Vocabularies.sentencePiece("▁", "a")
                .ints("tokenizer.ggml.token_type", new int[262])
                .build());
        assertEquals("▁ <unk> a", Vocabularies.pieces(noBytes, noBytes.encode("éa", false, false)));
    }

    @Test
    void prefixesASpaceUnlessTheFileSaysNo() {
        Tokenizer bare = Tokenizer.from(Vocabularies.sentencePiece("▁a", "a", "▁")
                .bool("tokenizer.ggml.add_space_prefix", false)
                .build());
        assertEquals("a ▁a", Vocabularies.pieces(bare, bare.encode("a a", false, false)));
        assertEquals(" a", bare.decode(bare.encode(" a")));
        assertEquals("▁ ▁a", Vocabularies.pieces(PIECES, PIECES.encode(" a", false, false)));
        assertEquals(" a", PIECES.decode(PIECES.encode(" a")));
    }

    @Test
    void removesExtraSpacesIfTheFileSaysSo() {
        Tokenizer lean = Tokenizer.from(Vocabularies.sentencePiece("▁a", "a", "▁")
                .bool("tokenizer.ggml.remove_extra_whitespaces", true)
                .build());
        assertEquals("▁a ▁a", Vocabularies.pieces(lean, lean.encode("  a   a  ", false, false)));
        assertEquals(0, lean.encode("   ", false, false).length);
    }

    @Test
    void wordPieceTakesTheLongestPieces() {
        Tokenizer tokenizer =
                Tokenizer.from(Vocabularies.wordPiece("_un", "able", "_u", "nable", "_!", "_cafe", "_한", "_我", "_é")
                        .build());
        assertEquals("[CLS] ▁un able [SEP]", Vocabularies.pieces(tokenizer, tokenizer.encode("UnAble")));
        assertEquals("▁un ▁! ▁cafe", Vocabularies.pieces(tokenizer, tokenizer.encode("un! Café", false, false)));
        assertEquals("▁un [UNK] ▁我 ▁un", Vocabularies.pieces(tokenizer, tokenizer.encode("un unx 我un", false, false)));
        assertEquals("unable un !", tokenizer.decode(tokenizer.encode("unable un!")));
    }

    @Test
    void wordPieceKeepsCaseAndAccentsIfTheFileSaysSo() {
        Tokenizer cased = Tokenizer.from(Vocabularies.wordPiece("_A", "_é")
                .bool("tokenizer.ggml.normalizer.lowercase", false)
                .build());
        assertEquals("▁A ▁é [UNK]", Vocabularies.pieces(cased, cased.encode("A é a", false, false)));
    }

    @Test
    void addsBosAndEosAsTheMetadataSay() {
        assertArrayEquals(new int[] {101}, BYTES.encode("a"));
        assertFalse(BYTES.addsBos());
        Tokenizer both = Tokenizer.from(Vocabularies.byteLevel()
                .bool("tokenizer.ggml.add_bos_token", true)
                .bool("tokenizer.ggml.add_eos_token", true)
                .build());
        assertTrue(both.addsBos());
        assertArrayEquals(new int[] {0, 1}, both.encode(""));
        assertArrayEquals(new int[] {0, 101 - 'a' + 'b', 1}, both.encode("b"));
        assertArrayEquals(new int[] {101}, both.encode("a", false, false));
        assertEquals(OptionalInt.of(0), both.bos());
        assertEquals(OptionalInt.of(1), both.eos());
    }

    @Test
    void llama3AndSentencePieceAddBosWhereTheFileIsSilent() {
        Tokenizer llama3 = Tokenizer.from(Vocabularies.byteLevel()
                .string("tokenizer.ggml.pre", "llama-bpe")
                .build());
        assertArrayEquals(new int[] {0}, llama3.encode(""));
        assertArrayEquals(new int[] {1}, PIECES.encode(""));
        assertEquals(OptionalInt.of(2), PIECES.eos());
    }

    @Test
    void llama3TakesWholeWordsBeforeMerges() {
        Tokenizer llama3 = Tokenizer.from(Vocabularies.byteLevel("b c", "a b", "ab c")
                .string("tokenizer.ggml.pre", "llama-bpe")
                .build());
        assertEquals("abc", Vocabularies.pieces(llama3, llama3.encode("abc", false, false)));
        Tokenizer qwen2 =
                Tokenizer.from(Vocabularies.byteLevel("b c", "a b", "ab c").build());
        assertEquals("a bc", Vocabularies.pieces(qwen2, qwen2.encode("abc", false, false)));
    }

    @Test
    void parsesControlTokensOnlyIfAsked() {
        String text = "a<|eos|>b<|im_end|>";
        assertArrayEquals(new int[] {101, 1, 102, 3}, BYTES.encode(text, false, true));
        int[] plain = BYTES.encode(text, false, false);
        assertEquals(text, BYTES.decode(plain));
        for (int token : plain) {
            assertFalse(BYTES.isControl(token));
        }
    }

    @Test
    void noSpellingOfAControlTokenMergesToIt() {
        assertEquals("▁ < s>", Vocabularies.pieces(PIECES, PIECES.encode("<s>", false, false)));
        assertEquals("<s> ▁a", Vocabularies.pieces(PIECES, PIECES.encode("<s>a", false, true)));
        assertEquals("<0x41>", PIECES.decode(PIECES.encode("<0x41>")));
    }

    @Test
    void userDefinedTokensAreAlwaysParsed() {
        assertArrayEquals(new int[] {101, 2, 101}, BYTES.encode("a<tool>a", false, false));
        assertEquals("a<tool>a", BYTES.decode(101, 2, 101));
        assertEquals("▁a <tool> ▁a", Vocabularies.pieces(PIECES, PIECES.encode("a<tool>a", false, false)));
    }

    @Test
    void longerSpecialTokensWinOverShorterOnesInThem() {
        Tokenizer tokenizer = Tokenizer.from(Vocabularies.byteLevel("a b", "b c")
                .ints("tokenizer.ggml.token_type", types(262, 260, 261))
                .build());
        assertEquals("ab c", Vocabularies.pieces(tokenizer, tokenizer.encode("abc", false, false)));
        Tokenizer longer = Tokenizer.from(Vocabularies.byteLevel("b c", "a b", "bc d")
                .ints("tokenizer.ggml.token_type", types(263, 261, 262))
                .build());
        assertEquals("a bcd", Vocabularies.pieces(longer, longer.encode("abcd", false, false)));
    }

    private static int[] types(int size, int... userDefined) {
        int[] types = new int[size];
        Arrays.fill(types, Vocabulary.NORMAL);
        for (int token : userDefined) {
            types[token] = Vocabulary.USER_DEFINED;
        }
        return types;
    }

    @Test
    void phi3sTurnMarksTakeTheWhitespaceAfterThem() {
        Tokenizer phi3 = Tokenizer.from(
                Vocabularies.byteLevel().string("general.name", "Phi-3 mini").build());
        assertArrayEquals(new int[] {0, 101, 1}, phi3.encode("<|bos|> \n\ta<|eos|>\n", false, true));
    }

    @Test
    void endsOfGenerationAreEosAndWellKnownNames() {
        assertTrue(BYTES.isEndOfGeneration(1));
        assertTrue(BYTES.isEndOfGeneration(3));
        assertTrue(BYTES.isControl(3));
        assertFalse(BYTES.isEndOfGeneration(0));
        assertFalse(BYTES.isEndOfGeneration(101));
        Tokenizer turns = Tokenizer.from(Vocabularies.byteLevel()
                .uint32("tokenizer.ggml.eot_token_id", 101)
                .build());
        assertTrue(turns.isEndOfGeneration(101));
    }

    @Test
    void rendersControlTokensOnlyIfAsked() {
        assertEquals("aa", BYTES.decode(0, 101, 1, 101));
        assertEquals("<|bos|>a<|eos|>a", BYTES.decode(true, 0, 101, 1, 101));
        assertEquals(0, BYTES.bytes(0).length);
        assertEquals(0, PIECES.bytes(0).length);
        assertEquals("", BYTES.decode());
    }

    @Test
    void findsPiecesAndRejectsForeignTokens() {
        assertEquals(OptionalInt.of(0), BYTES.find("<|bos|>"));
        assertEquals(OptionalInt.empty(), BYTES.find("nothing"));
        assertEquals(264, BYTES.vocabularySize());
        for (int token : new int[] {-1, 264, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            String message = assertThrows(IllegalArgumentException.class, () -> BYTES.decode(token))
                    .getMessage();
            assertTrue(message.contains("token " + token) && message.contains("263"), message);
            assertFalse(BYTES.isEndOfGeneration(token));
        }
    }

    @Test
    void unpairedSurrogatesBecomeReplacementCharacters() {
        assertEquals("a\uFFFDb🦙\uFFFD", BYTES.decode(BYTES.encode("a\uD83Eb🦙\uDD99")));
        assertEquals("a\uFFFDb🦙\uFFFD", PIECES.decode(PIECES.encode("a\uD83Eb🦙\uDD99")));
    }

    @Test
    void aByteWithoutATokenIsLeftOut() {
        Tokenizer tokenizer = Tokenizer.from(Vocabularies.byteLevel()
                .strings("tokenizer.ggml.tokens", List.of("<|bos|>", "<|eos|>", "a", "b"))
                .build());
        assertArrayEquals(new int[] {2, 3}, tokenizer.encode("axb", false, false));
    }

    @Property
    void byteLevelRoundTrips(@ForAll("texts") String text) {
        assertEquals(text, BYTES.decode(BYTES.encode(text)));
        assertEquals(text, BYTES.decode(true, BYTES.encode(text, false, true)));
    }

    @Property
    void sentencePieceRoundTrips(@ForAll("texts") String text) {
        // The mark of spaces itself cannot be told from a space.
        String plain = text.replace('▁', '_');
        assertEquals(plain, PIECES.decode(PIECES.encode(plain)));
    }

    @Property
    void streamingGivesTheSameText(@ForAll("texts") String text, @ForAll long seed) {
        checkStream(BYTES, BYTES.encode(text));
        checkStream(PIECES, PIECES.encode(text));
        int[] arbitrary = new Random(seed).ints(30, 0, 264).toArray();
        checkStream(BYTES, arbitrary);
        checkStream(PIECES, arbitrary);
    }

    private static void checkStream(Tokenizer tokenizer, int[] tokens) {
        StreamDecoder decoder = tokenizer.newStreamDecoder();
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
            String piece = decoder.accept(token);
            assertTrue(piece.isEmpty() || !Character.isLowSurrogate(piece.charAt(0)));
            assertTrue(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
            text.append(piece);
        }
        assertEquals(tokenizer.decode(tokens), text.append(decoder.finish()).toString());
    }

    @Test
    void streamsWholeCharacters() {
        StreamDecoder decoder = BYTES.newStreamDecoder();
        byte[] llama = "🦙".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 3; i++) {
            assertEquals("", decoder.accept(4 + (llama[i] & 0xFF)));
        }
        assertEquals("🦙", decoder.accept(4 + (llama[3] & 0xFF)));
        assertEquals("", decoder.accept(4 + (llama[0] & 0xFF)));
        assertEquals("", decoder.accept(1));
        assertEquals("\uFFFD", decoder.finish());
        assertEquals("", decoder.finish());
    }

    @Test
    void streamsAContinuationWithItsSpace() {
        int space = PIECES.find("▁a").orElseThrow();
        assertEquals("a", PIECES.newStreamDecoder().accept(space));
        assertEquals("a", PIECES.newStreamDecoder(1).accept(space));
        assertEquals(" a", PIECES.newStreamDecoder(1, space).accept(space));
    }

    @Provide
    static Arbitrary<String> texts() {
        Arbitrary<Integer> codePoints = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0, 0x7F)),
                Tuple.of(2, Arbitraries.integers().between(0x80, 0xD7FF)),
                Tuple.of(1, Arbitraries.integers().between(0xE000, 0x10FFFF)),
                Tuple.of(3, Arbitraries.of(' ', '\n', 'a', 'b', 'c', '\'', '1').map(c -> (int) c)));
        return codePoints.list().ofMaxSize(40).map(list -> {
            StringBuilder text = new StringBuilder();
            list.forEach(text::appendCodePoint);
            return text.toString();
        });
    }
}
