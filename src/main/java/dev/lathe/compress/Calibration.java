package dev.lathe.compress;

import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Which texts a transform runs the model on: pieces of one file, drawn by a seed. Immutable.
 *
 * @param file UTF-8 text
 * @param sequences how many pieces
 * @param tokensEach tokens in a piece
 * @param seed chooses the pieces
 */
public record Calibration(Path file, int sequences, int tokensEach, long seed) {
    private static final int DEFAULT_SEQUENCES = 128;
    private static final int DEFAULT_TOKENS = 512;

    /** Checks that there is something to draw. */
    public Calibration {
        Objects.requireNonNull(file);
        if (sequences < 1 || tokensEach < 2) {
            throw new IllegalArgumentException("calibration on " + sequences + " sequences of " + tokensEach
                    + " tokens: expected at least 1 sequence of at least 2 tokens");
        }
    }

    /** 128 pieces of 512 tokens of a text. */
    public static Calibration text(Path file) {
        return new Calibration(file, DEFAULT_SEQUENCES, DEFAULT_TOKENS, 0);
    }

    /** So many pieces. */
    public Calibration sequences(int count) {
        return new Calibration(file, count, tokensEach, seed);
    }

    /** So many tokens in a piece. */
    public Calibration tokensEach(int count) {
        return new Calibration(file, sequences, count, seed);
    }

    /** Other pieces. */
    public Calibration seed(long seed) {
        return new Calibration(file, sequences, tokensEach, seed);
    }

    /**
     * Draws the pieces: the text is cut into pieces side by side, and as many of them as wanted are chosen, in the order of
     * the text. A text with fewer pieces gives all it has. Where the model
     * expects a text to begin with a token of its own, that takes the place of the first token of each piece.
     *
     * @throws IllegalArgumentException if the text is shorter than one piece
     * @throws IOException if the file cannot be read
     */
    public List<int[]> draw(Tokenizer tokenizer) throws IOException {
        int[] tokens = tokenizer.encode(Files.readString(file), false, false);
        int count = tokens.length / tokensEach;
        if (count == 0) {
            throw new IllegalArgumentException("calibration text " + file + " has " + tokens.length
                    + " tokens, one piece needs " + tokensEach + ": give a longer text or shorter pieces");
        }
        List<int[]> pieces = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(seed);
        int wanted = Math.min(sequences, count);
        for (int piece = 0; piece < count; piece++) { // each set of pieces is equally likely
            if (random.nextInt(count - piece) < wanted - pieces.size()) {
                pieces.add(piece(tokens, piece, tokenizer));
            }
        }
        return pieces;
    }

    private int[] piece(int[] tokens, int piece, Tokenizer tokenizer) {
        int[] result = new int[tokensEach];
        System.arraycopy(tokens, piece * tokensEach, result, 0, tokensEach);
        if (tokenizer.addsBos()) {
            result[0] = tokenizer.bos().orElseThrow();
        }
        return result;
    }
}
