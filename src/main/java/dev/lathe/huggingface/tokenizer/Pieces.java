package dev.lathe.huggingface.tokenizer;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The pieces of a {@code tokenizer.json}, token by token: those of its model, then those added. */
final class Pieces {
    private static final byte NORMAL = 1;
    private static final byte UNKNOWN = 2;
    private static final byte CONTROL = 3;
    private static final byte USER_DEFINED = 4;
    private static final byte UNUSED = 5;
    private static final byte BYTE = 6;

    private static final Pattern BYTE_PIECE = Pattern.compile("<0x[0-9A-F]{2}>");
    private static final String ADDED = "added_tokens";

    final BitSet takingSpaceBefore = new BitSet();
    final BitSet takingSpaceAfter = new BitSet();

    /** Empty where a token has none. */
    String[] pieces;

    /** As GGUF files number them. */
    byte[] types;

    /** Of a Unigram model; empty for others. */
    float[] scores = {};

    private final Map<String, Integer> tokens = new HashMap<>();

    Pieces(JsonObject tokenizer, TokenizerKind kind) {
        JsonObject model = tokenizer.object("model");
        boolean spellsBytes = model.findBoolean("byte_fallback").orElse(false);
        int added =
                tokenizer.findArray(ADDED).map(array -> array.elements().size()).orElse(0);
        if (kind == TokenizerKind.UNIGRAM) {
            List<JsonValue> entries = model.array("vocab").elements();
            allocate(entries.size() + added);
            putScored(entries, spellsBytes);
        } else {
            JsonObject vocabulary = model.object("vocab");
            allocate(vocabulary.members().size() + added);
            for (String piece : vocabulary.members().keySet()) {
                put(piece, vocabulary.longValue(piece), type(piece, spellsBytes));
            }
        }
        if (added > 0) {
            Steps.objects(tokenizer, ADDED).forEach(this::putAdded);
        }
        int size = pieces.length;
        while (size > 0 && pieces[size - 1].isEmpty()) {
            size--;
        }
        pieces = Arrays.copyOf(pieces, size);
        types = Arrays.copyOf(types, size);
        scores = kind == TokenizerKind.UNIGRAM ? Arrays.copyOf(scores, size) : scores;
    }

    private void allocate(int count) {
        pieces = new String[2 * count + 1024]; // tokens may leave gaps, but not at will
        Arrays.fill(pieces, "");
        types = new byte[pieces.length];
        Arrays.fill(types, UNUSED);
    }

    private void putScored(List<JsonValue> entries, boolean spellsBytes) {
        scores = new float[pieces.length];
        for (int token = 0; token < entries.size(); token++) {
            if (!(entries.get(token) instanceof JsonArray pair
                    && pair.elements().size() == 2
                    && pair.elements().get(0) instanceof JsonString piece
                    && pair.elements().get(1) instanceof JsonNumber score)) {
                throw new JsonException("'vocab' has " + entries.get(token) + " at " + token
                        + ", a pair of a piece and a score is expected");
            }
            put(piece.text(), token, type(piece.text(), spellsBytes));
            scores[token] = (float) score.doubleValue();
        }
    }

    private static byte type(String piece, boolean spellsBytes) {
        return spellsBytes && BYTE_PIECE.matcher(piece).matches() ? BYTE : NORMAL;
    }

    private void putAdded(JsonObject added) {
        String piece = added.text("content");
        if (added.findBoolean("single_word").orElse(false)) {
            throw new JsonException("the added token " + new JsonString(piece)
                    + " is found as a word only ('single_word'), which is not supported");
        }
        int token =
                put(piece, added.longValue("id"), added.findBoolean("special").orElse(false) ? CONTROL : USER_DEFINED);
        takingSpaceAfter.set(token, added.findBoolean("rstrip").orElse(false));
        takingSpaceBefore.set(token, added.findBoolean("lstrip").orElse(false));
    }

    private int put(String piece, long id, byte type) {
        int token = checked("the token of " + new JsonString(piece), id);
        Integer before = tokens.put(piece, token);
        if (before != null && before != token) {
            throw new JsonException(new JsonString(piece) + " is both token " + before + " and " + token);
        }
        if (!pieces[token].isEmpty() && !pieces[token].equals(piece)) {
            throw new JsonException(
                    "token " + token + " is both " + new JsonString(pieces[token]) + " and " + new JsonString(piece));
        }
        pieces[token] = piece;
        types[token] = type;
        return token;
    }

    /** A number that must be a token. */
    int checked(String what, long id) {
        if (id < 0 || id >= pieces.length) {
            throw new JsonException(what + " is " + id + ", expected 0 to " + (pieces.length - 1));
        }
        return (int) id;
    }

    /** The token of a piece that must be there. */
    int token(String piece) {
        Integer token = tokens.get(piece);
        if (token == null) {
            throw new JsonException(new JsonString(piece) + " is named, but is no piece of the vocabulary");
        }
        return token;
    }

    void markUnknown(int token) {
        types[token] = UNKNOWN;
    }

    /** Gives pieces that begin words a mark; those that go on lose theirs. */
    void markWords(String prefix) {
        for (int token = 0; token < pieces.length; token++) {
            String piece = pieces[token];
            if (types[token] == NORMAL && !piece.isEmpty()) {
                boolean goesOn = !prefix.isEmpty() && piece.startsWith(prefix) && piece.length() > prefix.length();
                pieces[token] = goesOn ? piece.substring(prefix.length()) : "\u2581" + piece;
            }
        }
    }
}
