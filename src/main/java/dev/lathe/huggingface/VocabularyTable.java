package dev.lathe.huggingface;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Pieces, their types, and their merges or scores, token by token. */
final class VocabularyTable {
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    /** Rows of the embedding may be more than tokens, to be a round number; a forged size is far more. */
    private static final int MAX_PADDING = 65_536;

    private static final float SCORE_OF_UNUSED = -10_000;

    private final String[] pieces;
    private final int[] types;
    private final List<String> merges;
    private final Map<String, Integer> tokens = new HashMap<>();

    /** Of a Unigram model; null for others. */
    private float[] scores;

    private VocabularyTable(int size, List<String> merges) {
        this.pieces = new String[size];
        this.types = new int[size];
        this.merges = merges;
        Arrays.fill(types, UNUSED);
    }

    /**
     * The vocabulary of a {@code tokenizer.json}.
     *
     * @param size tokens that the model has
     */
    static VocabularyTable of(JsonObject tokenizer, int size) {
        JsonObject model = tokenizer.object("model");
        return switch (model.text("type")) {
            case "BPE" -> bytePairs(tokenizer, model, size);
            case "Unigram" -> unigram(tokenizer, model, size);
            case "WordPiece" -> wordPieces(tokenizer, model, size);
            default ->
                throw new JsonException(
                        "the tokenizer's model is " + model.text("type") + "; read are BPE, Unigram and WordPiece");
        };
    }

    private static VocabularyTable bytePairs(JsonObject tokenizer, JsonObject model, int size) {
        for (String unsupported : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.findText(unsupported).orElse("").isEmpty()) {
                throw new JsonException("'" + unsupported + "' is not supported");
            }
        }
        Map<String, JsonValue> vocabulary = model.object("vocab").members();
        VocabularyTable table = sized(size, vocabulary.size(), merges(model.array("merges")));
        boolean spellsBytes = model.findBoolean("byte_fallback").orElse(false);
        vocabulary.forEach((piece, token) ->
                table.put(piece, token, spellsBytes && piece.matches("<0x[0-9A-F]{2}>") ? BYTE : NORMAL));
        table.add(tokenizer);
        model.findText("unk_token").ifPresent(unknown -> table.types[table.token(unknown)] = UNKNOWN);
        return table.filled();
    }

    private static VocabularyTable unigram(JsonObject tokenizer, JsonObject model, int size) {
        List<JsonValue> vocabulary = model.array("vocab").elements();
        if (model.findBoolean("byte_fallback").orElse(false)) {
            throw new JsonException("'byte_fallback' of a Unigram model is not supported");
        }
        VocabularyTable table = sized(size, vocabulary.size(), List.of());
        table.scores = new float[size];
        Arrays.fill(table.scores, SCORE_OF_UNUSED);
        for (int token = 0; token < vocabulary.size(); token++) {
            if (!(vocabulary.get(token) instanceof JsonArray pair
                    && pair.elements().size() == 2
                    && pair.elements().get(0) instanceof JsonString piece
                    && pair.elements().get(1) instanceof JsonNumber score)) {
                throw new JsonException("'vocab' has " + vocabulary.get(token) + " at " + token
                        + ", a pair of a piece and a score is expected");
            }
            table.put(piece.text(), new JsonNumber(Integer.toString(token)), NORMAL);
            table.scores[token] = (float) score.doubleValue();
        }
        table.add(tokenizer);
        long unknown = model.longValue("unk_id");
        if (unknown < 0 || unknown >= vocabulary.size()) {
            throw new JsonException("'unk_id' is " + unknown + ", expected 0 to " + (vocabulary.size() - 1));
        }
        table.types[(int) unknown] = UNKNOWN;
        return table.filled();
    }

    /** Pieces that begin words get a mark; those that go on lose theirs. */
    private static VocabularyTable wordPieces(JsonObject tokenizer, JsonObject model, int size) {
        Map<String, JsonValue> vocabulary = model.object("vocab").members();
        VocabularyTable table = sized(size, vocabulary.size(), List.of());
        vocabulary.forEach((piece, token) -> table.put(piece, token, NORMAL));
        table.add(tokenizer);
        int unknown = table.token(model.findText("unk_token").orElse("[UNK]"));
        table.types[unknown] = table.types[unknown] == NORMAL ? UNKNOWN : table.types[unknown];
        String prefix = model.findText("continuing_subword_prefix").orElse("##");
        for (int token = 0; token < size; token++) {
            String piece = table.pieces[token];
            if (piece != null && table.types[token] == NORMAL) {
                boolean goesOn = !prefix.isEmpty() && piece.startsWith(prefix) && piece.length() > prefix.length();
                table.pieces[token] = goesOn ? piece.substring(prefix.length()) : "\u2581" + piece;
            }
        }
        return table.filled();
    }

    private static VocabularyTable sized(int size, int pieces, List<String> merges) {
        if (size - (long) MAX_PADDING > 2L * pieces) {
            throw new JsonException(
                    "the vocabulary has " + pieces + " pieces, but config.json says that 'vocab_size' is " + size);
        }
        return new VocabularyTable(size, merges);
    }

    private void add(JsonObject tokenizer) {
        for (JsonValue added :
                tokenizer.findArray("added_tokens").map(JsonArray::elements).orElse(List.of())) {
            if (!(added instanceof JsonObject fields)) {
                throw new JsonException("'added_tokens' has " + added.kind() + ", an object is expected");
            }
            boolean special = fields.findBoolean("special").orElse(false);
            put(
                    fields.text("content"),
                    new JsonNumber(Long.toString(fields.longValue("id"))),
                    special ? CONTROL : USER_DEFINED);
        }
    }

    private VocabularyTable filled() {
        for (int token = 0; token < pieces.length; token++) {
            if (pieces[token] == null) {
                pieces[token] = "[PAD" + token + "]";
            }
        }
        return this;
    }

    private void put(String piece, JsonValue value, int type) {
        if (!(value instanceof JsonNumber number)) {
            throw new JsonException("the token of " + new JsonString(piece) + " is " + value.kind());
        }
        long token = number.longValue();
        if (token < 0 || token >= pieces.length) {
            throw new JsonException("the token of " + new JsonString(piece) + " is " + token + ", expected 0 to "
                    + (pieces.length - 1) + ": config.json has that 'vocab_size'");
        }
        Integer before = tokens.put(piece, (int) token);
        if (before != null && before != token || pieces[(int) token] != null && !pieces[(int) token].equals(piece)) {
            throw new JsonException("token " + token + " of " + new JsonString(piece) + " is given twice");
        }
        pieces[(int) token] = piece;
        types[(int) token] = type;
    }

    /** Merges as pairs with a space between them, whether the file writes them so or as arrays. */
    private static List<String> merges(JsonArray array) {
        List<String> merges = new ArrayList<>();
        for (JsonValue merge : array.elements()) {
            if (merge instanceof JsonString pair) {
                merges.add(pair.text());
            } else if (merge instanceof JsonArray pair
                    && pair.elements().size() == 2
                    && pair.elements().get(0) instanceof JsonString left
                    && pair.elements().get(1) instanceof JsonString right
                    && !left.text().contains(" ")
                    && !right.text().contains(" ")) {
                merges.add(left.text() + " " + right.text());
            } else {
                throw new JsonException("'merges' has " + merge + ", a pair of pieces without spaces is expected");
            }
        }
        return merges;
    }

    /**
     * The token of a piece.
     *
     * @throws JsonException if there is none
     */
    int token(String piece) {
        Integer token = tokens.get(piece);
        if (token == null) {
            throw new JsonException("the vocabulary has no piece " + new JsonString(piece));
        }
        return token;
    }

    List<String> pieces() {
        return List.of(pieces);
    }

    int[] types() {
        return types;
    }

    List<String> merges() {
        return merges;
    }

    /** The model's scores; or such as rank pieces as their merges do, for readers that know no merges. */
    float[] scores() {
        if (scores != null) {
            return scores;
        }
        float[] ranks = new float[pieces.length];
        Arrays.fill(ranks, -merges.size());
        for (int rank = merges.size() - 1; rank >= 0; rank--) {
            ranks[token(merges.get(rank).replaceFirst(" ", ""))] = -rank;
        }
        return ranks;
    }
}
