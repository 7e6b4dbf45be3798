package dev.lathe.text;

import dev.lathe.gguf.StringArray;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the tokenizer of a Hugging Face folder: {@code tokenizer.json}, and from {@code tokenizer_config.json} which
 * tokens begin and end a text. What is not implemented throws; nothing is ignored that changes tokens.
 */
final class TokenizerJson {
    private final JsonObject tokenizer;
    private final JsonObject config;
    private final JsonObject model;
    private final String kind;

    /** Pieces by token; null where there is none. */
    private String[] pieces;

    private byte[] types;
    private final BitSet takingSpaceAfter = new BitSet();
    private final BitSet takingSpaceBefore = new BitSet();

    private TokenizerJson(JsonObject tokenizer, JsonObject config) {
        this.tokenizer = tokenizer;
        this.config = config;
        this.model = tokenizer.object("model");
        this.kind = model.findText("type").orElseGet(() -> guessKind(model));
    }

    static Tokenizer load(JsonObject tokenizer, JsonObject config, int size) {
        return new TokenizerJson(tokenizer, config).load(size);
    }

    private static String guessKind(JsonObject model) {
        return model.find("merges").isPresent()
                ? "BPE"
                : model.find("vocab").orElse(null) instanceof JsonArray ? "Unigram" : "WordPiece";
    }

    static IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException("tokenizer.json: " + what + " is not supported");
    }

    private Tokenizer load(int size) {
        float[] scores = readPieces();
        readAddedTokens();
        int unknown = model.findLong("unk_id")
                .map(id -> token("model.unk_id", id))
                .orElseGet(() -> find(model.findText("unk_token")));
        if (unknown >= 0 && types[unknown] == Vocabulary.NORMAL) {
            types[unknown] = Vocabulary.UNKNOWN;
        }
        boolean wordPiece = kind.equals("WordPiece");
        Vocabulary vocabulary =
                Vocabulary.of(wordPiece ? wordPieces() : pieces, types).padded(size);
        SubwordModel subwords =
                switch (kind) {
                    case "BPE" -> bpe(vocabulary, unknown);
                    case "Unigram" -> unigram(vocabulary, scores, unknown);
                    case "WordPiece" -> wordPiece(vocabulary, unknown);
                    default -> throw unsupported("a model of type \"" + kind + "\" (BPE, Unigram and WordPiece are)");
                };
        JsonPostProcessor added = JsonPostProcessor.of(tokenizer.findObject("post_processor"), this::find);
        int bos = special("bos_token").orElse(added.first());
        int eos = special("eos_token").orElse(SpecialTokens.NONE);
        SpecialTokens special = SpecialTokens.of(vocabulary, bos, eos, unknown, added.prefix(), added.suffix());
        return new SubwordTokenizer(vocabulary, special, subwords, takingSpaceAfter, takingSpaceBefore);
    }

    /** Reads the model's vocabulary; returns the scores of a Unigram model, or null. */
    private float[] readPieces() {
        if (kind.equals("Unigram")) {
            List<JsonValue> entries = model.array("vocab").elements();
            allocate(entries.size());
            float[] scores = new float[entries.size()];
            for (int token = 0; token < entries.size(); token++) {
                if (!(entries.get(token) instanceof JsonArray pair
                        && pair.elements().size() == 2
                        && pair.elements().get(0) instanceof JsonString piece
                        && pair.elements().get(1) instanceof JsonNumber score)) {
                    throw new IllegalArgumentException(
                            "tokenizer.json: model.vocab[" + token + "] is no pair of a piece and a score");
                }
                put(piece.text(), token, Vocabulary.NORMAL);
                scores[token] = (float) score.doubleValue();
            }
            return scores;
        }
        JsonObject vocabulary = model.object("vocab");
        allocate(vocabulary.members().size());
        for (Map.Entry<String, JsonValue> entry : vocabulary.members().entrySet()) {
            int token = token("model.vocab[\"" + entry.getKey() + "\"]", vocabulary.longValue(entry.getKey()));
            boolean isByte =
                    model.findBoolean("byte_fallback").orElse(false) && Vocabulary.byteValue(entry.getKey()) >= 0;
            put(entry.getKey(), token, isByte ? Vocabulary.BYTE : Vocabulary.NORMAL);
        }
        return null;
    }

    private void allocate(int modelPieces) {
        int added = tokenizer
                .findArray("added_tokens")
                .map(array -> array.elements().size())
                .orElse(0);
        // Ids may leave gaps, but not at will.
        pieces = new String[2 * (modelPieces + added) + 1024];
        types = new byte[pieces.length];
        Arrays.fill(types, Vocabulary.UNUSED);
    }

    private int token(String where, long id) {
        if (id < 0 || id >= pieces.length) {
            throw new IllegalArgumentException("tokenizer.json: " + where + " is " + id + ", expected 0 to "
                    + (pieces.length - 1) + " for a vocabulary of this size");
        }
        return (int) id;
    }

    private void put(String piece, int token, byte type) {
        if (pieces[token] != null && !pieces[token].equals(piece)) {
            throw new IllegalArgumentException(
                    "tokenizer.json: token " + token + " is both \"" + pieces[token] + "\" and \"" + piece + "\"");
        }
        pieces[token] = piece;
        types[token] = type;
    }

    private void readAddedTokens() {
        List<JsonValue> added =
                tokenizer.findArray("added_tokens").map(JsonArray::elements).orElse(List.of());
        for (JsonValue each : added) {
            if (!(each instanceof JsonObject object)) {
                throw new IllegalArgumentException(
                        "tokenizer.json: added_tokens holds " + each.kind() + ", expected objects");
            }
            String content = object.text("content");
            int token = token("the id of the added token \"" + content + "\"", object.longValue("id"));
            put(
                    content,
                    token,
                    object.findBoolean("special").orElse(false) ? Vocabulary.CONTROL : Vocabulary.USER_DEFINED);
            if (object.findBoolean("single_word").orElse(false)) {
                throw unsupported("the added token \"" + content + "\" that is found as a word only");
            }
            takingSpaceAfter.set(token, object.findBoolean("rstrip").orElse(false));
            takingSpaceBefore.set(token, object.findBoolean("lstrip").orElse(false));
        }
        int size = pieces.length;
        while (size > 0 && pieces[size - 1] == null) {
            size--;
        }
        pieces = Arrays.copyOf(pieces, size);
        types = Arrays.copyOf(types, size);
        for (int token = 0; token < size; token++) {
            pieces[token] = pieces[token] == null ? "" : pieces[token];
        }
    }

    private int find(Optional<String> piece) {
        return piece.isPresent() ? find(piece.get()) : -1;
    }

    private int find(String piece) {
        int token = Arrays.asList(pieces).indexOf(piece);
        if (token < 0) {
            throw new IllegalArgumentException("tokenizer.json: \"" + piece + "\" is named, but is no token");
        }
        return token;
    }

    /** The token that the configuration names for a role: a text, or an object with a content. */
    private Optional<Integer> special(String role) {
        Optional<JsonValue> value = config.find(role);
        Optional<String> piece = value.isPresent() && value.get() instanceof JsonObject object
                ? object.findText("content")
                : config.findText(role);
        return piece.map(this::find);
    }

    /** Pieces as the model of words has them: with a mark where a word begins, instead of one where it goes on. */
    private String[] wordPieces() {
        String prefix = model.findText("continuing_subword_prefix").orElse("##");
        String[] marked = pieces.clone();
        for (int token = 0; token < marked.length; token++) {
            if (types[token] == Vocabulary.NORMAL && !marked[token].isEmpty()) {
                marked[token] = marked[token].startsWith(prefix) && marked[token].length() > prefix.length()
                        ? marked[token].substring(prefix.length())
                        : SubwordModel.SPACE_MARK + marked[token];
            }
        }
        return marked;
    }

    private SubwordModel bpe(Vocabulary vocabulary, int unknown) {
        for (String unwanted : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.findText(unwanted).orElse("").isEmpty()) {
                throw unsupported("model." + unwanted);
            }
        }
        if (model.findDouble("dropout").orElse(0.0) != 0) {
            throw unsupported("model.dropout");
        }
        MergeTable merges = MergeTable.of(StringArray.of(merges()), vocabulary);
        JsonPipeline pipeline = JsonPipeline.of(tokenizer);
        PreTokenization preTokenization = new PreTokenization(
                pipeline.normalizer(),
                pipeline.steps(),
                model.findBoolean("ignore_merges").orElse(false));
        if (pipeline.byteLevel()) {
            return new ByteLevelModel(vocabulary, merges, preTokenization);
        }
        return new CharacterBpeModel(
                vocabulary,
                merges,
                preTokenization,
                pipeline.prefixesSpace(),
                model.findBoolean("byte_fallback").orElse(false),
                unknown,
                model.findBoolean("fuse_unk").orElse(false));
    }

    /** Each as two pieces with a space between, whichever of the two ways it is written in. */
    private List<String> merges() {
        List<String> merges = new ArrayList<>();
        for (JsonValue each : model.array("merges").elements()) {
            if (each instanceof JsonString text) {
                merges.add(text.text());
            } else if (each instanceof JsonArray pair
                    && pair.elements().size() == 2
                    && pair.elements().get(0) instanceof JsonString left
                    && pair.elements().get(1) instanceof JsonString right
                    && left.text().indexOf(' ') < 0) {
                merges.add(left.text() + " " + right.text());
            } else {
                throw new IllegalArgumentException(
                        "tokenizer.json: model.merges[" + merges.size() + "] is no pair of pieces without spaces");
            }
        }
        return merges;
    }

    private SubwordModel unigram(Vocabulary vocabulary, float[] scores, int unknown) {
        JsonPipeline pipeline = JsonPipeline.of(tokenizer);
        if (pipeline.byteLevel()) {
            throw unsupported("a Unigram model over bytes");
        }
        if (unknown < 0) {
            throw new IllegalArgumentException("tokenizer.json: model.unk_id is missing: a Unigram model needs one");
        }
        boolean spells = model.findBoolean("byte_fallback").orElse(false);
        return new UnigramModel(
                vocabulary,
                Arrays.copyOf(scores, vocabulary.size()),
                unknown,
                new PreTokenization(pipeline.normalizer(), pipeline.steps(), false),
                pipeline.prefixesSpace(),
                spells ? vocabulary.byteTokens() : null);
    }

    private SubwordModel wordPiece(Vocabulary vocabulary, int unknown) {
        JsonObject normalizer = tokenizer.object("normalizer");
        if (!normalizer.text("type").equals("BertNormalizer")
                || !normalizer.findBoolean("clean_text").orElse(true)
                || !normalizer.findBoolean("handle_chinese_chars").orElse(true)
                || !tokenizer.object("pre_tokenizer").text("type").equals("BertPreTokenizer")) {
            throw unsupported("a WordPiece model without BERT's normalizer and pre-tokenizer");
        }
        if (unknown < 0) {
            throw new IllegalArgumentException(
                    "tokenizer.json: model.unk_token is missing: a WordPiece model needs one");
        }
        boolean lowercases = normalizer.findBoolean("lowercase").orElse(true);
        long longestWord = model.findLong("max_input_chars_per_word").orElse(100L);
        return new WordPieceModel(
                vocabulary,
                unknown,
                lowercases,
                normalizer.findBoolean("strip_accents").orElse(lowercases),
                Math.clamp(longestWord, 0, Integer.MAX_VALUE));
    }
}
