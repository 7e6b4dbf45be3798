package dev.lathe.text;

import dev.lathe.text.split.IntList;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Unigram: of all ways to cut a text into pieces, the one with the largest sum of scores (Kudo 2018, Subword
 * Regularization, section 3.2; found as Viterbi does). A character that no piece covers is the unknown token, once for
 * a run of them, or spelled in byte tokens where the vocabulary has them. Spaces are written as U+2581.
 */
final class UnigramModel implements SubwordModel {
    private static final double UNKNOWN_PENALTY = 10;

    private final double[] scores;
    private final double unknownScore;
    private final int unknownToken;
    private final PieceFinder finder;
    private final PreTokenization preTokenization;
    private final boolean prefixesSpace;

    /** The token of each byte, or -1 in place of all where unknown characters are not spelled. */
    private final int[] byteTokens;

    /**
     * @param scores of each token
     * @param preTokenization makes of a stretch of text words with U+2581 for spaces, each of which is cut into pieces
     * @param prefixesSpace whether the normalizer puts a space before a text
     * @param byteTokens the token of each byte; null where unknown characters are not spelled
     */
    UnigramModel(
            Vocabulary vocabulary,
            float[] scores,
            int unknownToken,
            PreTokenization preTokenization,
            boolean prefixesSpace,
            int[] byteTokens) {
        this.unknownToken = unknownToken;
        this.preTokenization = preTokenization;
        this.prefixesSpace = prefixesSpace;
        this.byteTokens = byteTokens;
        this.scores = new double[vocabulary.size()];
        double least = 0;
        for (int token = 0; token < scores.length; token++) {
            if (!Float.isFinite(scores[token])) {
                throw new IllegalArgumentException(
                        "the score of token " + token + " is " + scores[token] + ": expected a finite number");
            }
            boolean normal = vocabulary.type(token) == Vocabulary.NORMAL;
            this.scores[token] = vocabulary.type(token) == Vocabulary.USER_DEFINED ? 0 : scores[token];
            least = normal ? Math.min(least, scores[token]) : least;
        }
        this.unknownScore = least - UNKNOWN_PENALTY;
        BitSet pieces = vocabulary.ofTypes(Vocabulary.NORMAL, Vocabulary.USER_DEFINED, Vocabulary.UNUSED);
        this.finder = new PieceFinder(vocabulary, pieces);
    }

    @Override
    public boolean prefixesSpace() {
        return prefixesSpace;
    }

    @Override
    public Encoder newEncoder(IntList out) {
        return (text, begins) -> preTokenization.forEachWord(text, begins, word -> encode(word, out));
    }

    private void encode(String text, IntList out) {
        int[] states = finder.states(text);
        double[] best = new double[text.length() + 1];
        int[] from = new int[text.length() + 1];
        int[] tokens = new int[text.length() + 1];
        Arrays.fill(best, 1, best.length, Double.NEGATIVE_INFINITY);
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int character = Character.charCount(text.codePointAt(at));
            boolean covered = false;
            for (int state = finder.whole(states[at]); state != 0; state = finder.shorter(state)) {
                int length = finder.length(state);
                covered |= length == character;
                improve(best, from, tokens, at, length, finder.token(state), scores[finder.token(state)]);
            }
            if (!covered) {
                improve(best, from, tokens, at, character, -1, unknownScore);
            }
        }
        int[] reversed = new int[text.length()];
        int count = 0;
        for (int end = text.length(); end > 0; end = from[end]) {
            reversed[count++] = end;
        }
        boolean afterUnknown = false;
        while (count-- > 0) {
            int end = reversed[count];
            if (tokens[end] >= 0) {
                out.add(tokens[end]);
            } else if (byteTokens != null) {
                addBytes(text.substring(from[end], end), out);
            } else if (!afterUnknown) {
                out.add(unknownToken);
            }
            afterUnknown = tokens[end] < 0;
        }
    }

    private static void improve(double[] best, int[] from, int[] tokens, int at, int length, int token, double score) {
        double sum = best[at] + score;
        int end = at + length;
        if (sum > best[end]) {
            best[end] = sum;
            from[end] = at;
            tokens[end] = token;
        }
    }

    private void addBytes(String character, IntList out) {
        for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
            out.add(byteTokens[b & 0xFF]);
        }
    }
}
