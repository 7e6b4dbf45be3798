package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MalformedTokenizerTest {
    @Test
    void namesMissingKeys() {
        for (String key : List.of("tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.merges")) {
            Metadata metadata = Vocabularies.byteLevel("a b").remove(key).build();
            String message = assertThrows(GgufException.class, () -> Tokenizer.from(metadata))
                    .getMessage();
            assertTrue(message.contains(key), message);
        }
        Metadata noScores =
                Vocabularies.sentencePiece("a").remove("tokenizer.ggml.scores").build();
        String message = assertThrows(GgufException.class, () -> Tokenizer.from(noScores))
                .getMessage();
        assertTrue(message.contains("tokenizer.ggml.scores"), message);
    }

    @Test
    void listsWhatIsSupported() {
        check(
                Vocabularies.byteLevel().string("tokenizer.ggml.model", "rwkv"),
                "\"rwkv\"",
                "llama, gpt2, gemma4, whitespace, t5, bert");
        check(Vocabularies.byteLevel().string("tokenizer.ggml.pre", "morse"), "\"morse\"", "qwen2", "llama-bpe");
    }

    @Test
    void rejectsMergesOfNothing() {
        String merges = "tokenizer.ggml.merges";
        check(Vocabularies.byteLevel("a b").strings(merges, List.of("a b", "ab q")), "merges[1]", "ab q");
        check(Vocabularies.byteLevel("a b").strings(merges, List.of("xyz b")), "merges[0]", "xyz b");
        check(Vocabularies.byteLevel("a b").strings(merges, List.of("a " + "b".repeat(99))), "merges[0]");
        for (String merge : List.of("", " ", "a", "ab", "a ", " a")) {
            check(Vocabularies.byteLevel().strings("tokenizer.ggml.merges", List.of(merge)), "merges[0]", "space");
        }
    }

    @Test
    void rejectsArraysShorterThanTheVocabulary() {
        check(Vocabularies.sentencePiece("a", "b").floats("tokenizer.ggml.scores", 1, 2), "scores", "2", "262");
        check(Vocabularies.sentencePiece("a").ints("tokenizer.ggml.token_type", 1, 1, 1), "token_type", "3", "261");
    }

    @Test
    void rejectsIdsOutsideOfTheVocabulary() {
        for (String role : List.of("bos", "eos", "eot")) {
            String key = "tokenizer.ggml." + role + "_token_id";
            check(Vocabularies.byteLevel().uint32(key, 260), key, "260", "259");
            check(Vocabularies.byteLevel().uint32(key, 0xFFFFFFFFL), key);
        }
    }

    @Test
    void rejectsTokensThatStandTwice() {
        check(Vocabularies.sentencePiece("a", "b", "a"), "tokens", "\"a\" twice", "260 and 262");
    }

    @Test
    void rejectsAnEmptyVocabulary() {
        check(Vocabularies.byteLevel().strings("tokenizer.ggml.tokens", List.of()), "tokens is empty");
    }

    @Test
    void rejectsAddingATokenThatIsMissing() {
        check(
                Vocabularies.byteLevel()
                        .remove("tokenizer.ggml.bos_token_id")
                        .bool("tokenizer.ggml.add_bos_token", true),
                "add_bos_token",
                "bos_token_id");
    }

    @Test
    void rejectsStrangeTypesScoresAndBytes() {
        int[] types = new int[260];
        types[7] = 9;
        check(Vocabularies.byteLevel().ints("tokenizer.ggml.token_type", types), "token_type[7]", "9");
        types[7] = Vocabulary.BYTE;
        check(Vocabularies.byteLevel().ints("tokenizer.ggml.token_type", types), "tokens[7]", "<0x00>");
        float[] scores = new float[261];
        scores[5] = Float.NaN;
        check(Vocabularies.sentencePiece("a").floats("tokenizer.ggml.scores", scores), "scores[5]", "NaN");
    }

    @Test
    void rejectsWordPieceWithoutItsSpecialTokens() {
        check(Vocabularies.wordPiece("_a").remove("tokenizer.ggml.cls_token_id"), "tokenizer.ggml.cls_token_id");
    }

    @Test
    void aForgedVocabularyDoesNotHangTheLoader() {
        List<String> colliding = new ArrayList<>();
        for (int i = 0; i < 1 << 15; i++) {
            StringBuilder piece = new StringBuilder();
            for (int bit = 0; bit < 15; bit++) {
                piece.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            colliding.add(piece.toString());
        }
        Metadata.Builder forged = Vocabularies.byteLevel().remove("tokenizer.ggml.token_type");
        check(forged.strings("tokenizer.ggml.tokens", colliding), "hashes");
    }

    @Test
    void acceptsEmptyPiecesAndDuplicateMerges() {
        List<String> tokens = List.of("<|bos|>", "<|eos|>", "", "", "a", "b", "ab");
        Tokenizer tokenizer = Tokenizer.from(Vocabularies.byteLevel()
                .remove("tokenizer.ggml.token_type")
                .strings("tokenizer.ggml.tokens", tokens)
                .strings("tokenizer.ggml.merges", List.of("a b", "a b"))
                .build());
        assertTrue(tokenizer.decode(tokenizer.encode("ab", false, true)).equals("ab"));
        assertTrue(tokenizer.find("").isEmpty());
    }

    private static void check(Metadata.Builder metadata, String... parts) {
        Metadata built = metadata.build();
        String message = assertThrows(IllegalArgumentException.class, () -> Tokenizer.from(built))
                .getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }
}
