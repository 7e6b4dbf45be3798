package dev.lathe.decode.sampling;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Softmax;
import java.util.Arrays;

/** What can be read off a row of raw logits. */
public final class Logits {
    private Logits() {}

    /** The token of the largest logit; of equal ones the lowest. */
    public static int argmax(float[] row, int offset, int vocabularySize) {
        int best = 0;
        float largest = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < vocabularySize; token++) {
            float logit = row[offset + token];
            if (!(logit <= largest)) { // greater, or no number
                if (!(logit < Float.POSITIVE_INFINITY)) {
                    throw unusable(token, logit);
                }
                best = token;
                largest = logit;
            }
        }
        if (largest == Float.NEGATIVE_INFINITY) {
            throw nonePossible(vocabularySize);
        }
        return best;
    }

    /** log sum exp of a row: what to subtract from a logit to get its log-probability. */
    public static double logSumExp(float[] row, int offset, int vocabularySize) {
        argmax(row, offset, vocabularySize); // refuses what is no number
        return Softmax.logSumExp(row, offset, vocabularySize);
    }

    /** Whether a row is minus infinity throughout. */
    public static boolean nonePossible(FloatMatrix logits, int row) {
        for (int i = logits.offset(row); i < logits.offset(row) + logits.columns(); i++) {
            if (logits.data()[i] != Float.NEGATIVE_INFINITY) {
                return false;
            }
        }
        return true;
    }

    /** The tokens of the largest logits above minus infinity, largest first; of equal ones the lowest first. */
    public static int[] largest(FloatMatrix logits, int row, int count) {
        int[] tokens = new int[count];
        float[] data = logits.data();
        int offset = logits.offset(row);
        float bound = Float.NEGATIVE_INFINITY; // what a logit must exceed
        int found = 0;
        for (int token = 0; token < logits.columns(); token++) {
            float logit = data[offset + token];
            if (!(logit > bound)) {
                continue;
            }
            int place = found < count ? found++ : count - 1;
            while (place > 0 && logit > data[offset + tokens[place - 1]]) {
                tokens[place] = tokens[--place];
            }
            tokens[place] = token;
            bound = found == count ? data[offset + tokens[count - 1]] : bound;
        }
        return Arrays.copyOf(tokens, found);
    }

    static ArithmeticException unusable(int token, float logit) {
        return new ArithmeticException("cannot choose a token: the logit of token " + token + " is " + logit
                + ", expected a finite number or -Infinity; the model's weights or a logit bias overflow");
    }

    static ArithmeticException nonePossible(int vocabularySize) {
        return new ArithmeticException("cannot choose a token: all " + vocabularySize
                + " logits are -Infinity; leave at least one token possible");
    }
}
