package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import java.util.BitSet;
import java.util.Locale;

/** Reads a tokenizer from a model's metadata. */
final class TokenizerLoader {
    private TokenizerLoader() {}

    static Tokenizer load(Metadata metadata, int size) {
        String kind = metadata.string("tokenizer.ggml.model");
        return switch (kind) {
            case "llama" -> sentencePiece(metadata, vocabulary(metadata, size));
            case "gpt2" -> byteLevel(metadata, size);
            case "bert" -> wordPiece(metadata, vocabulary(metadata, size));
            default ->
                throw new IllegalArgumentException("tokenizer.ggml.model is \"" + kind
                        + "\", an unknown kind of tokenizer; supported are llama, gpt2, bert");
        };
    }

    /** The vocabulary, whose ends of generation are control tokens even where the file mistypes them as text. */
    private static Vocabulary vocabulary(Metadata metadata, int size) {
        Vocabulary vocabulary = Vocabulary.from(metadata).padded(size);
        return vocabulary.withControl(SpecialTokens.customaryEnds(vocabulary));
    }

    private static Tokenizer sentencePiece(Metadata metadata, Vocabulary vocabulary) {
        SpecialTokens special = SpecialTokens.ofSentencePiece(metadata, vocabulary);
        SubwordModel model = new SentencePieceModel(metadata, vocabulary, special.unknown);
        return new SubwordTokenizer(vocabulary, special, model, stripping(metadata, vocabulary));
    }

    private static Tokenizer byteLevel(Metadata metadata, int size) {
        PreTokenizer preTokenizer =
                PreTokenizer.named(metadata.findString("tokenizer.ggml.pre").orElse("default"));
        Vocabulary vocabulary = vocabulary(metadata, size);
        SpecialTokens special = SpecialTokens.ofByteLevel(metadata, vocabulary, preTokenizer.addsBos());
        SubwordModel model = new ByteLevelModel(metadata, vocabulary, preTokenizer);
        return new SubwordTokenizer(vocabulary, special, model, stripping(metadata, vocabulary));
    }

    private static Tokenizer wordPiece(Metadata metadata, Vocabulary vocabulary) {
        SpecialTokens special = SpecialTokens.ofWordPiece(metadata, vocabulary);
        SubwordModel model = new WordPieceModel(metadata, vocabulary, special.unknown);
        return new SubwordTokenizer(vocabulary, special, model, new BitSet());
    }

    /** The tokens that take the whitespace after them: Phi-3's turn marks. Nothing but the name says so. */
    private static BitSet stripping(Metadata metadata, Vocabulary vocabulary) {
        String name = metadata.findString("general.name").orElse("").toLowerCase(Locale.ROOT);
        if (!name.contains("phi-3") && !name.contains("phi3")) {
            return new BitSet();
        }
        BitSet stripping = vocabulary.ofTypes(Vocabulary.USER_DEFINED, Vocabulary.CONTROL, Vocabulary.UNKNOWN);
        for (String piece : new String[] {"<unk>", "<s>", "<|endoftext|>"}) {
            if (vocabulary.find(piece) >= 0) {
                stripping.clear(vocabulary.find(piece));
            }
        }
        return stripping;
    }
}
