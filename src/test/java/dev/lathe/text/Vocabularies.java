package dev.lathe.text;

import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Small vocabularies to test with. */
final class Vocabularies {
    private static final int NORMAL = 1;

    private Vocabularies() {}

    static Tokenizer load(Path file) throws IOException {
        try (GgufFile gguf = GgufFile.open(file)) {
            return Tokenizer.from(gguf.metadata());
        }
    }

    /**
     * Byte-level: {@code <|bos|>} 0 and {@code <|eos|>} 1 (control), {@code <tool>} 2 (user-defined),
     * {@code <|im_end|>} 3 (mistyped as normal), the 256 bytes from 4, then what the merges give.
     */
    static Metadata.Builder byteLevel(String... merges) {
        List<String> tokens = new ArrayList<>(List.of("<|bos|>", "<|eos|>", "<tool>", "<|im_end|>"));
        for (int b = 0; b < 256; b++) {
            tokens.add(Character.toString(ByteAlphabet.character(b)));
        }
        for (String merge : merges) {
            tokens.add(merge.replace(" ", ""));
        }
        int[] types = new int[tokens.size()];
        Arrays.fill(types, NORMAL);
        types[0] = Vocabulary.CONTROL;
        types[1] = Vocabulary.CONTROL;
        types[2] = Vocabulary.USER_DEFINED;
        return Metadata.builder()
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "qwen2")
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", List.of(merges))
                .uint32("tokenizer.ggml.bos_token_id", 0)
                .uint32("tokenizer.ggml.eos_token_id", 1);
    }

    /**
     * SentencePiece: {@code <unk>} 0, {@code <s>} 1, {@code </s>} 2, {@code <tool>} 3 (user-defined), the byte tokens
     * from 4, then these pieces from 260, the first of the highest score.
     */
    static Metadata.Builder sentencePiece(String... pieces) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "<tool>"));
        for (int b = 0; b < 256; b++) {
            tokens.add(String.format("<0x%02X>", b));
        }
        tokens.addAll(List.of(pieces));
        int[] types = new int[tokens.size()];
        float[] scores = new float[tokens.size()];
        for (int token = 0; token < types.length; token++) {
            types[token] = token < 260 ? Vocabulary.BYTE : NORMAL;
            scores[token] = token < 260 ? 0 : 260 - token;
        }
        types[0] = Vocabulary.UNKNOWN;
        types[1] = Vocabulary.CONTROL;
        types[2] = Vocabulary.CONTROL;
        types[3] = Vocabulary.USER_DEFINED;
        return Metadata.builder()
                .string("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", types)
                .floats("tokenizer.ggml.scores", scores);
    }

    /** WordPiece: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, then these pieces, {@code _} standing for a word's beginning. */
    static Metadata.Builder wordPiece(String... pieces) {
        List<String> tokens = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"));
        for (String piece : pieces) {
            tokens.add(piece.replace('_', '\u2581'));
        }
        int[] types = new int[tokens.size()];
        for (int token = 0; token < types.length; token++) {
            types[token] = token < 4 ? Vocabulary.CONTROL : NORMAL;
        }
        return Metadata.builder()
                .string("tokenizer.ggml.model", "bert")
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", types)
                .uint32("tokenizer.ggml.unknown_token_id", 1)
                .uint32("tokenizer.ggml.cls_token_id", 2)
                .uint32("tokenizer.ggml.seperator_token_id", 3);
    }

    static String pieces(Tokenizer tokenizer, int... tokens) {
        List<String> pieces = new ArrayList<>();
        for (int token : tokens) {
            pieces.add(tokenizer.piece(token));
        }
        return String.join(" ", pieces);
    }
}
