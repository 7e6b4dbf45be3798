package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import dev.lathe.text.split.IntList;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * SentencePiece's BPE: characters merge to the piece of the highest score first, or where the metadata has merges, the
 * earliest learnt pair first; what is no piece in the end is spelled
 * in byte tokens (Kudo and Richardson 2018, SentencePiece, section 3.2). Spaces are written as U+2581. Only normal and
 * user-defined tokens come of text: no spelling of a control token or of a byte token leads to it.
 */
final class SentencePieceModel implements SubwordModel {
    private static final String SCORES = "tokenizer.ggml.scores";

    private final Vocabulary vocabulary;
    private final boolean prefixesSpace;
    private final boolean removesExtraSpaces;
    private final int unknownToken;

    /** Which pairs merge; empty where any does whose piece is there. */
    private final Optional<MergeTable> merges;

    /** Smaller for higher scores. */
    private final int[] priorities;

    /** The token of each byte, or -1. */
    private final int[] byteTokens;

    /** 31 to the power of the index, to roll the hashes of {@link String#hashCode()}. */
    private final int[] powers;

    SentencePieceModel(Metadata metadata, Vocabulary vocabulary, int unknownToken) {
        this.vocabulary = vocabulary;
        this.unknownToken = unknownToken;
        this.prefixesSpace =
                metadata.findBoolean("tokenizer.ggml.add_space_prefix").orElse(true);
        this.removesExtraSpaces =
                metadata.findBoolean("tokenizer.ggml.remove_extra_whitespaces").orElse(false);
        this.merges = metadata.contains(MergeTable.MERGES)
                ? Optional.of(MergeTable.from(metadata, vocabulary))
                : Optional.empty();
        this.priorities = priorities(metadata, vocabulary);
        this.byteTokens = vocabulary.byteTokens();
        powers = new int[vocabulary.longestPiece() + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = 31 * powers[i - 1];
        }
    }

    private static int[] priorities(Metadata metadata, Vocabulary vocabulary) {
        float[] scores = metadata.floats(SCORES);
        int size = vocabulary.givenSize();
        Vocabulary.requireOneForEachToken(SCORES, scores.length, size);
        int[] priorities = new int[size];
        for (int token = 0; token < size; token++) {
            if (Float.isNaN(scores[token])) {
                throw new IllegalArgumentException(SCORES + "[" + token + "] is NaN, expected a number");
            }
            int bits = Float.floatToIntBits(scores[token] + 0f); // Adding 0 makes one of the two zeros.
            priorities[token] = ~(bits ^ bits >> 31 & Integer.MAX_VALUE);
        }
        return priorities;
    }

    @Override
    public boolean prefixesSpace() {
        return prefixesSpace;
    }

    @Override
    public Encoder newEncoder(IntList out) {
        return new TextEncoder(out);
    }

    /** The token that a slice of text may become, or -1. */
    private int textToken(char[] chars, int from, int to, int hash) {
        int token = vocabulary.find(chars, from, to, hash);
        boolean text = token >= 0 && !vocabulary.isSpecial(token) && vocabulary.type(token) != Vocabulary.BYTE;
        return text ? token : -1;
    }

    private final class TextEncoder extends PairMerger implements Encoder {
        private final IntList out;
        private char[] chars;

        /** Hash of the chars before each. */
        private int[] hashes;

        /** Where each symbol begins in {@code chars}. */
        private int[] starts;

        TextEncoder(IntList out) {
            this.out = out;
        }

        @Override
        public void encode(String text, boolean begins) {
            chars = marked(text, begins);
            hashes = new int[chars.length + 1];
            starts = new int[chars.length];
            clear();
            int symbols = 0;
            for (int from = 0; from < chars.length; symbols++) {
                int to = from + Character.charCount(Character.codePointAt(chars, from));
                for (int i = from; i < to; i++) {
                    hashes[i + 1] = 31 * hashes[i] + chars[i];
                }
                starts[symbols] = from;
                add(token(from, to));
                from = to;
            }
            merge();
            for (int symbol = first(); symbol >= 0; symbol = next(symbol)) {
                if (token(symbol) >= 0) {
                    out.add(token(symbol));
                } else {
                    addBytes(symbol);
                }
            }
        }

        /** The text as pieces write it. */
        private char[] marked(String text, boolean begins) {
            String kept = removesExtraSpaces ? withoutExtraSpaces(text) : text;
            boolean prefixed = prefixesSpace && begins && !kept.isEmpty();
            return (prefixed ? " ".concat(kept) : kept).replace(' ', SPACE_MARK).toCharArray();
        }

        private static String withoutExtraSpaces(String text) {
            StringBuilder kept = new StringBuilder(text.length());
            for (int i = 0; i < text.length(); i++) {
                boolean extra = kept.isEmpty() || kept.charAt(kept.length() - 1) == ' ';
                if (text.charAt(i) != ' ' || !extra) {
                    kept.append(text.charAt(i));
                }
            }
            boolean trailing = !kept.isEmpty() && kept.charAt(kept.length() - 1) == ' ';
            return trailing ? kept.substring(0, kept.length() - 1) : kept.toString();
        }

        @Override
        long pair(int left, int right) {
            if (merges.isPresent()) {
                return token(left) < 0 || token(right) < 0 ? NONE : merges.get().find(token(left), token(right));
            }
            int afterRight = next(right);
            int token = token(starts[left], afterRight < 0 ? chars.length : starts[afterRight]);
            return token < 0 ? NONE : candidate(priorities[token], token);
        }

        private int token(int from, int to) {
            int length = to - from;
            if (length > vocabulary.longestPiece()) {
                return -1;
            }
            return textToken(chars, from, to, hashes[to] - hashes[from] * powers[length]);
        }

        /** Spells a symbol without a token; symbols merge to tokens only, so it is one character. */
        private void addBytes(int symbol) {
            int codePoint = Character.codePointAt(chars, starts[symbol]);
            for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                int token = byteTokens[b & 0xFF];
                if (token < 0) {
                    out.add(unknownToken);
                    return;
                }
                out.add(token);
            }
        }
    }
}
