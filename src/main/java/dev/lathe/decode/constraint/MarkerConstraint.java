package dev.lathe.decode.constraint;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Anything up to a marker, then what another constraint allows. The marker is found in the bytes of the text (Knuth,
 * Morris, Pratt: Fast Pattern Matching in Strings, 1977), or is a control token. A token that holds bytes beyond the
 * marker's end is not allowed, so that what follows begins with a token.
 */
final class MarkerConstraint implements Constraint {
    private final String piece;
    private final byte[] marker;
    private final int[] borders; // [length] of the longest proper prefix of so many bytes that is their end too
    private final Constraint then;
    private final boolean mayEndBefore;
    private volatile Free known; // the states of the vocabulary used last

    MarkerConstraint(String marker, Constraint then, boolean mayEndBefore) {
        if (marker.isEmpty()) {
            throw new ConstraintException("the marker is empty: give the constraint after it alone");
        }
        this.piece = marker;
        this.marker = marker.getBytes(StandardCharsets.UTF_8);
        this.borders = borders(this.marker);
        this.then = Objects.requireNonNull(then, "then");
        this.mayEndBefore = mayEndBefore;
    }

    static int[] borders(byte... marker) {
        int[] borders = new int[marker.length + 1];
        borders[0] = -1;
        for (int i = 0; i < marker.length; i++) {
            int border = borders[i];
            while (border >= 0 && marker[border] != marker[i]) {
                border = borders[border];
            }
            borders[i + 1] = border + 1;
        }
        return borders;
    }

    @Override
    public State start(TokenVocabulary vocabulary) {
        Free free = known;
        if (free == null || free.vocabulary != vocabulary) {
            free = new Free(vocabulary);
            known = free;
        }
        return free.at(0);
    }

    /** What may come before the marker, by how many of its bytes are there. */
    private final class Free {
        private final TokenVocabulary vocabulary;
        private final OptionalInt control;
        private final TokenMask[] masks = new TokenMask[marker.length];

        Free(TokenVocabulary vocabulary) {
            this.vocabulary = vocabulary;
            this.control = vocabulary.control(piece);
        }

        State at(int matched) {
            return new Before(this, matched);
        }

        TokenMask mask(int matched) {
            if (masks[matched] == null) {
                BitSet ends = vocabulary.endOfGeneration();
                masks[matched] = TokenMask.of(
                        vocabulary.size(),
                        token -> ends.get(token) ? mayEndBefore : after(matched, token) <= marker.length);
            }
            return masks[matched];
        }

        /** How many of the marker's bytes are there after a token; more than all where the token goes beyond. */
        private int after(int matched, int token) {
            int length = matched;
            for (byte b : vocabulary.bytes(token)) {
                if (length == marker.length) {
                    return length + 1;
                }
                while (length >= 0 && marker[length] != b) {
                    length = borders[length];
                }
                length++;
            }
            return length;
        }

        State then(int matched, int token) {
            int length = control.isPresent() && control.getAsInt() == token ? marker.length : after(matched, token);
            if (length > marker.length) {
                throw new IllegalArgumentException("token " + token + " is not allowed here");
            }
            return length == marker.length ? then.start(vocabulary) : at(length);
        }
    }

    private record Before(Free free, int matched) implements State {
        @Override
        public TokenMask mask() {
            return free.mask(matched);
        }

        @Override
        public State then(int token) {
            return free.then(matched, token);
        }

        @Override
        public int[] forced() {
            return new int[0];
        }
    }
}
