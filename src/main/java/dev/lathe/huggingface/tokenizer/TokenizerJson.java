package dev.lathe.huggingface.tokenizer;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The content of {@code tokenizer.json}, and which tokens {@code tokenizer_config.json} names. Immutable. What changes
 * tokens and is not supported throws; normalizers and pre-tokenizers are given as they stand, to whoever applies them.
 */
public final class TokenizerJson {
    /** The key of GGUF files for the whole text of {@code tokenizer.json}. */
    public static final String METADATA_KEY = "tokenizer.huggingface.json";

    /** The name of the pre-tokenizer in GGUF files that have none for it, but {@value #METADATA_KEY}. */
    public static final String PRE_TOKENIZER = "huggingface";

    /** The roles that files name. */
    public static final List<String> ROLES = List.of("bos", "eos", "unk", "sep", "pad", "cls", "mask");

    private final JsonObject tokenizer;
    private final JsonObject model;
    private final TokenizerKind kind;
    private final Pieces pieces;
    private final OptionalInt unknown;
    private final List<String> merges;
    private final TextFrame frame;
    private final Optional<WordPieceRules> wordPieces;
    private final Map<String, Integer> roles = new LinkedHashMap<>();

    private TokenizerJson(JsonObject tokenizer, JsonObject options, Map<String, Integer> otherRoles) {
        this.tokenizer = tokenizer;
        model = tokenizer.object("model");
        kind = kind(model);
        pieces = new Pieces(tokenizer, kind);
        unknown = findUnknown();
        unknown.ifPresent(pieces::markUnknown);
        roles.putAll(otherRoles);
        for (String role : ROLES) {
            text(options.find(role + "_token")).ifPresent(piece -> roles.put(role, pieces.token(piece)));
        }
        frame = TextFrame.of(tokenizer, pieces);
        merges = kind == TokenizerKind.BPE ? merges(model.array("merges")) : List.of();
        wordPieces = kind == TokenizerKind.WORD_PIECE ? Optional.of(WordPieceRules.of(tokenizer)) : Optional.empty();
        if (kind == TokenizerKind.BPE) {
            requireWholeWords();
        } else if (kind == TokenizerKind.WORD_PIECE) {
            pieces.markWords(model.findText("continuing_subword_prefix").orElse("##"));
        }
    }

    /**
     * Reads both files.
     *
     * @param tokenizer the content of {@code tokenizer.json}
     * @param options the content of {@code tokenizer_config.json}; may be empty
     * @param otherRoles tokens of roles that the options do not name
     * @throws JsonException if something in them is wrong or not supported; the message names it
     */
    public static TokenizerJson read(JsonObject tokenizer, JsonObject options, Map<String, Integer> otherRoles) {
        return new TokenizerJson(tokenizer, options, otherRoles);
    }

    private static TokenizerKind kind(JsonObject model) {
        Optional<String> type = model.findText("type");
        if (type.isEmpty()) { // Older files do not say it.
            return model.find("merges").isPresent()
                    ? TokenizerKind.BPE
                    : model.find("vocab").orElse(null) instanceof JsonArray
                            ? TokenizerKind.UNIGRAM
                            : TokenizerKind.WORD_PIECE;
        }
        return switch (type.get()) {
            case "BPE" -> TokenizerKind.BPE;
            case "Unigram" -> TokenizerKind.UNIGRAM;
            case "WordPiece" -> TokenizerKind.WORD_PIECE;
            default ->
                throw new JsonException(
                        "the tokenizer's model is " + type.get() + "; read are BPE, Unigram and WordPiece");
        };
    }

    private OptionalInt findUnknown() {
        return switch (kind) {
            case BPE ->
                model.findText("unk_token")
                        .map(piece -> OptionalInt.of(pieces.token(piece)))
                        .orElse(OptionalInt.empty());
            case UNIGRAM -> OptionalInt.of(pieces.checked("'unk_id'", model.longValue("unk_id")));
            case WORD_PIECE ->
                OptionalInt.of(pieces.token(model.findText("unk_token").orElse("[UNK]")));
        };
    }

    private void requireWholeWords() {
        for (String unsupported : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.findText(unsupported).orElse("").isEmpty()) {
                throw new JsonException("'" + unsupported + "' is not supported");
            }
        }
        if (model.findDouble("dropout").orElse(0.0) != 0) {
            throw new JsonException("'dropout' is not supported");
        }
    }

    /** A text, or the content of an object. */
    private static Optional<String> text(Optional<JsonValue> value) {
        return value.map(found -> switch (found) {
            case JsonString text -> text.text();
            case JsonObject object -> object.text("content");
            default -> throw new JsonException("a special token is " + found.kind() + ", a text is expected");
        });
    }

    private static List<String> merges(JsonArray array) {
        List<String> merges = new ArrayList<>();
        for (JsonValue merge : array.elements()) {
            if (merge instanceof JsonString pair) {
                merges.add(pair.text());
            } else if (merge instanceof JsonArray pair
                    && pair.elements().size() == 2
                    && pair.elements().get(0) instanceof JsonString left
                    && pair.elements().get(1) instanceof JsonString right
                    && left.text().indexOf(' ') < 0) {
                merges.add(left.text() + " " + right.text());
            } else {
                throw new JsonException("'merges[" + merges.size() + "]' is " + merge
                        + ", a pair of pieces without spaces is expected");
            }
        }
        return merges;
    }

    /** The text of {@code tokenizer.json}, without white space. */
    public String toJson() {
        return tokenizer.toJson();
    }

    /** How words become tokens. */
    public TokenizerKind kind() {
        return kind;
    }

    /**
     * The piece of each token, empty where it has none. Those of WordPiece are written as in GGUF files: U+2581 where a
     * word begins.
     */
    public List<String> pieces() {
        return List.of(pieces.pieces);
    }

    /** The type of each token, by GGUF's numbers; a copy. */
    public byte[] types() {
        return pieces.types.clone();
    }

    /** The score of each token of a Unigram model, none of others; a copy. */
    public float[] scores() {
        return pieces.scores.clone();
    }

    /** Two pieces each, with a space between, the first to merge first; none where the model merges nothing. */
    public List<String> merges() {
        return List.copyOf(merges);
    }

    /**
     * The token of a piece as the file writes it.
     *
     * @throws JsonException if there is none
     */
    public int token(String piece) {
        return pieces.token(piece);
    }

    /** The token of what has none of its own. */
    public OptionalInt unknown() {
        return unknown;
    }

    /** The token of one of {@link #ROLES}, where there is one. */
    public OptionalInt role(String name) {
        Integer token = roles.get(name);
        return token == null ? OptionalInt.empty() : OptionalInt.of(token);
    }

    /** Added tokens that take the spaces before them; a copy. */
    public BitSet takingSpaceBefore() {
        return (BitSet) pieces.takingSpaceBefore.clone();
    }

    /** Added tokens that take the spaces after them; a copy. */
    public BitSet takingSpaceAfter() {
        return (BitSet) pieces.takingSpaceAfter.clone();
    }

    /** Whether characters without a token are spelled in bytes. */
    public boolean spellsBytes() {
        return model.findBoolean("byte_fallback").orElse(false);
    }

    /** Whether a word that is a token as a whole becomes that token even where merges would lead elsewhere. */
    public boolean takesWholeWords() {
        return model.findBoolean("ignore_merges").orElse(false);
    }

    /** Whether several unknown characters are one unknown token. */
    public boolean fusesUnknown() {
        return model.findBoolean("fuse_unk").orElse(false);
    }

    /** The steps of {@code normalizer}, sequences taken apart. */
    public List<JsonObject> normalizers() {
        return Steps.of(tokenizer.findObject("normalizer"), "normalizers");
    }

    /** The steps of {@code pre_tokenizer}, sequences taken apart. */
    public List<JsonObject> preTokenizers() {
        return Steps.of(tokenizer.findObject("pre_tokenizer"), "pretokenizers");
    }

    /** Whether pieces are bytes that {@code decoder} makes text of. */
    public boolean decodesBytes() {
        return tokenizer
                .findObject("decoder")
                .filter(decoder -> decoder.text("type").equals("ByteLevel"))
                .isPresent();
    }

    /** What is put around a text. */
    public TextFrame frame() {
        return frame;
    }

    /** What is done to the texts of WordPiece; empty for the other kinds. */
    public Optional<WordPieceRules> wordPieces() {
        return wordPieces;
    }
}
