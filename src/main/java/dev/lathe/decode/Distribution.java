package dev.lathe.decode;

import dev.lathe.decode.sampling.InverseTransform;
import java.util.Arrays;

/**
 * A distribution over tokens after all steps of a {@link Sampler}: the tokens that can be chosen and their
 * probabilities.
 *
 * <p>Tokens ascend, probabilities are above 0 and sum to 1 up to rounding. Immutable and thread-safe.
 */
public final class Distribution {
    private final int[] tokens;
    private final double[] probabilities;

    /** Takes ownership of both arrays. */
    Distribution(int[] tokens, double[] probabilities) {
        this.tokens = tokens;
        this.probabilities = probabilities;
    }

    /** Number of tokens that can be chosen. */
    public int size() {
        return tokens.length;
    }

    /** The token at an index in {@code [0, size())}; tokens ascend. */
    public int token(int index) {
        return tokens[index];
    }

    /** The probability of the token at an index in {@code [0, size())}. */
    public double probabilityAt(int index) {
        return probabilities[index];
    }

    /** The probability of a token: 0 where it cannot be chosen. */
    public double probability(int token) {
        int index = indexOf(token);
        return index < 0 ? 0 : probabilities[index];
    }

    /** Where a token is; negative where it cannot be chosen. */
    public int indexOf(int token) {
        return Arrays.binarySearch(tokens, token);
    }

    /**
     * The token that a uniform number stands for: the first at which the running sum of the probabilities, in the order
     * of the tokens, exceeds it.
     *
     * @param uniform in {@code [0, 1)}
     */
    public int draw(double uniform) {
        return tokens[InverseTransform.index(probabilities, tokens.length, uniform)];
    }
}
