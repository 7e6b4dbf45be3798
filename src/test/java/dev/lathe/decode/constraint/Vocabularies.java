package dev.lathe.decode.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Small vocabularies for tests. */
public final class Vocabularies {
    private Vocabularies() {}

    /** These texts; then one token that ends the generation. */
    public static TokenVocabulary of(String... pieces) {
        List<byte[]> bytes = new ArrayList<>();
        for (String piece : pieces) {
            bytes.add(piece.getBytes(StandardCharsets.UTF_8));
        }
        return TokenVocabulary.of(new Texts(bytes));
    }

    /** Every byte by itself; then one token that ends the generation. */
    public static TokenVocabulary ofBytes() {
        List<byte[]> bytes = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            bytes.add(new byte[] {(byte) b});
        }
        return TokenVocabulary.of(new Texts(bytes));
    }

    private record Texts(List<byte[]> pieces) implements TokenTexts {
        @Override
        public int size() {
            return pieces.size() + 1;
        }

        @Override
        public byte[] bytes(int token) {
            return token == pieces.size() ? new byte[0] : pieces.get(token).clone();
        }

        @Override
        public boolean isEndOfGeneration(int token) {
            return token == pieces.size();
        }

        @Override
        public OptionalInt control(String piece) {
            return OptionalInt.empty();
        }

        /** The longest piece first. */
        @Override
        public int[] encode(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            List<Integer> tokens = new ArrayList<>();
            for (int at = 0; at < bytes.length; ) {
                int best = -1;
                for (int token = 0; token < pieces.size(); token++) {
                    byte[] piece = pieces.get(token);
                    boolean fits = at + piece.length <= bytes.length
                            && Arrays.equals(bytes, at, at + piece.length, piece, 0, piece.length);
                    if (fits && (best < 0 || piece.length > pieces.get(best).length)) {
                        best = token;
                    }
                }
                if (best < 0) {
                    break;
                }
                tokens.add(best);
                at += pieces.get(best).length;
            }
            return tokens.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
