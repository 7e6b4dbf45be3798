package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.split.PreTokenizer;
import dev.lathe.text.split.Splitter;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads a tokenizer from a model's metadata. */
final class TokenizerLoader {
    private TokenizerLoader() {}

    static Tokenizer load(Metadata metadata, int size) {
        if (metadata.findString("tokenizer.ggml.pre").orElse("").equals(TokenizerJson.PRE_TOKENIZER)) {
            return TokenizerJsonLoader.load(json(metadata), size);
        }
        String kind = metadata.string("tokenizer.ggml.model");
        return switch (kind) {
            case "llama" -> sentencePiece(metadata, vocabulary(metadata, size));
            case "gpt2", "whitespace" ->
                bytePairs(
                        metadata,
                        size,
                        metadata.findString("tokenizer.ggml.pre").orElse("default"));
            case "gemma4" -> bytePairs(metadata, size, kind);
            case "t5" -> unigram(metadata, vocabulary(metadata, size));
            case "bert" -> wordPiece(metadata, vocabulary(metadata, size));
            default ->
                throw new IllegalArgumentException("tokenizer.ggml.model is \"" + kind
                        + "\", an unknown kind of tokenizer; supported are llama, gpt2, gemma4, whitespace, t5, bert");
        };
    }

    /** What a file says that was made of a folder whose way to cut texts has no name. */
    private static TokenizerJson json(Metadata metadata) {
        try {
            if (!(JsonValue.parse(metadata.string(TokenizerJson.METADATA_KEY)) instanceof JsonObject tokenizer)) {
                throw new JsonException("an object is expected");
            }
            Map<String, Integer> roles = new LinkedHashMap<>();
            for (String role : List.of("bos", "eos")) {
                metadata.findInteger("tokenizer.ggml." + role + "_token_id")
                        .ifPresent(token -> roles.put(role, Math.clamp(token, -1, Integer.MAX_VALUE)));
            }
            TokenizerJson json = TokenizerJson.read(tokenizer, new JsonObject(Map.of()), roles);
            roles.forEach((role, token) -> {
                if (token < 0 || token >= json.pieces().size()) {
                    throw new JsonException("the " + role + " token is no piece of the "
                            + json.pieces().size() + " that it has");
                }
            });
            return json;
        } catch (JsonException e) {
            throw new IllegalArgumentException(TokenizerJson.METADATA_KEY + ": " + e.getMessage(), e);
        }
    }

    /**
     * The vocabulary, whose ends of generation and marks of a middle are control tokens even where the file mistypes them
     * as text.
     */
    private static Vocabulary vocabulary(Metadata metadata, int size) {
        Vocabulary vocabulary = Vocabulary.from(metadata).padded(size);
        BitSet control = SpecialTokens.customaryEnds(vocabulary);
        FillInMiddle.find(metadata, vocabulary).map(FillInMiddle::tokens).ifPresent(control::or);
        return vocabulary.withControl(control);
    }

    private static Tokenizer sentencePiece(Metadata metadata, Vocabulary vocabulary) {
        SpecialTokens special = SpecialTokens.ofSentencePiece(metadata, vocabulary);
        SubwordModel model = new SentencePieceModel(metadata, vocabulary, special.unknown);
        return new SubwordTokenizer(vocabulary, special, model, stripping(metadata, vocabulary), new BitSet());
    }

    private static Tokenizer bytePairs(Metadata metadata, int size, String name) {
        PreTokenizer preTokenizer = PreTokenizer.named(name);
        Vocabulary vocabulary = vocabulary(metadata, size);
        SpecialTokens special = SpecialTokens.ofByteLevel(metadata, vocabulary, preTokenizer.addsBos());
        MergeTable merges = MergeTable.from(metadata, vocabulary);
        SubwordModel model =
                switch (preTokenizer.alphabet()) {
                    case BYTES -> new ByteLevelModel(vocabulary, merges, PreTokenization.of(preTokenizer));
                    case CHARACTERS_AND_SPACE_MARKS -> CharacterBpeModel.of(vocabulary, merges, preTokenizer);
                    case CHARACTERS_WITHOUT_SPACES ->
                        new SeparateWordsModel(
                                CharacterBpeModel.of(vocabulary, merges, preTokenizer),
                                metadata.findBoolean("tokenizer.ggml.normalizer.lowercase")
                                        .orElse(false));
                };
        return new SubwordTokenizer(vocabulary, special, model, stripping(metadata, vocabulary), new BitSet());
    }

    private static Tokenizer unigram(Metadata metadata, Vocabulary vocabulary) {
        SpecialTokens special = SpecialTokens.ofUnigram(metadata, vocabulary);
        float[] scores = metadata.floats("tokenizer.ggml.scores");
        Vocabulary.requireOneForEachToken("tokenizer.ggml.scores", scores.length, vocabulary.givenSize());
        byte[] map = bytes(metadata, "tokenizer.ggml.precompiled_charsmap");
        boolean prefixesSpace =
                metadata.findBoolean("tokenizer.ggml.add_space_prefix").orElse(false);
        boolean mergesSpaces =
                metadata.findBoolean("tokenizer.ggml.remove_extra_whitespaces").orElse(false);
        CharacterMap characters = new CharacterMap(map);
        TextNormalizer normalizer =
                (text, begins) -> markSpaces(characters.apply(text), prefixesSpace && begins, mergesSpaces);
        SubwordModel model = new UnigramModel(
                vocabulary,
                Arrays.copyOf(scores, vocabulary.size()),
                special.unknown,
                new PreTokenization(normalizer, new Splitter[0], false),
                prefixesSpace || mergesSpaces,
                null);
        return new SubwordTokenizer(vocabulary, special, model, new BitSet(), new BitSet());
    }

    private static byte[] bytes(Metadata metadata, String key) {
        int[] given = metadata.findInts(key).orElse(new int[0]);
        byte[] bytes = new byte[given.length];
        for (int i = 0; i < bytes.length; i++) {
            if (given[i] < Byte.MIN_VALUE || given[i] > 0xFF) {
                throw new IllegalArgumentException(key + "[" + i + "] is " + given[i] + ", expected a byte");
            }
            bytes[i] = (byte) given[i];
        }
        return bytes;
    }

    /** Writes spaces as pieces have them: one before the first word where wanted, and one for several where merged. */
    private static String markSpaces(String text, boolean prefixes, boolean merges) {
        StringBuilder marked = new StringBuilder(text.length() + 1);
        boolean inWord = false;
        boolean prefixed = !prefixes;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character != ' ') {
                if (!inWord && (merges || !prefixed)) {
                    marked.append(SubwordModel.SPACE_MARK);
                    prefixed = true;
                }
                inWord = true;
                marked.append(character);
                continue;
            }
            inWord = false;
            if (!merges) {
                marked.append(SubwordModel.SPACE_MARK);
            }
        }
        return marked.toString();
    }

    private static Tokenizer wordPiece(Metadata metadata, Vocabulary vocabulary) {
        SpecialTokens special = SpecialTokens.ofWordPiece(metadata, vocabulary);
        boolean lowercases =
                metadata.findBoolean("tokenizer.ggml.normalizer.lowercase").orElse(true);
        boolean stripsAccents =
                metadata.findBoolean("tokenizer.ggml.normalizer.strip_accents").orElse(lowercases);
        SubwordModel model =
                new WordPieceModel(vocabulary, special.unknown, lowercases, stripsAccents, Integer.MAX_VALUE);
        return new SubwordTokenizer(vocabulary, special, model, new BitSet(), new BitSet());
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
