package dev.lathe.decode.sampling;

import dev.lathe.tensor.Softmax;
import java.util.Arrays;

/**
 * The tokens that may still be chosen, ascending by token, and the steps that thin them out. All sums run in double
 * precision in the order of the tokens, or of the probabilities where that is what a step walks. Reused from token to
 * token.
 */
public final class Candidates {
    private static final int FIRST_SELECTION = 256;
    private static final double AT_THE_LIMIT = 1e-9; // far above the rounding of logarithms and exponentials

    private int count;
    private int[] tokens = {};
    private float[] logits = {};
    private double[] weights = {};
    private long[] keys = {};

    /** Starts with every token whose logit is not minus infinity. */
    public void load(float[] row, int offset, int vocabularySize) {
        if (tokens.length < vocabularySize) {
            tokens = new int[vocabularySize];
            logits = new float[vocabularySize];
            weights = new double[vocabularySize];
            keys = new long[vocabularySize];
        }
        count = 0;
        for (int token = 0; token < vocabularySize; token++) {
            float logit = row[offset + token];
            if (logit > Float.NEGATIVE_INFINITY && logit < Float.POSITIVE_INFINITY) {
                tokens[count] = token;
                logits[count++] = logit;
            } else if (logit != Float.NEGATIVE_INFINITY) {
                throw Logits.unusable(token, logit);
            }
        }
        if (count == 0) {
            throw Logits.nonePossible(vocabularySize);
        }
    }

    /** Keeps the k largest logits. */
    void keepTopK(int k) {
        if (k < count) {
            rankByLogit();
            keepDownTo(Selection.largest(keys, count, k)[k - 1]);
        }
    }

    /** Keeps the most probable tokens whose mass first reaches the share. */
    void keepTopP(double share) {
        weigh(1);
        rankByLogit();
        keepMass(share);
    }

    /** Keeps the tokens whose information content is nearest to the entropy, whose mass first reaches the share. */
    void keepTypical(double share) {
        double logTotal = StrictMath.log(weigh(1));
        float maximum = Softmax.largest(logits, 0, count);
        double entropy = 0;
        double total = StrictMath.exp(logTotal);
        for (int i = 0; i < count; i++) {
            entropy -= weights[i] / total * ((double) logits[i] - maximum - logTotal);
        }
        for (int i = 0; i < count; i++) {
            double information = logTotal - ((double) logits[i] - maximum);
            keys[i] = Selection.key(-(float) StrictMath.abs(information - entropy), i);
        }
        keepMass(share);
    }

    /**
     * Keeps the tokens at least this share as probable as the most probable one. A logarithm tells for nearly all of
     * them, and the exponential for those at the limit.
     */
    void keepMinP(double share) {
        float maximum = Softmax.largest(logits, 0, count);
        double limit = StrictMath.log(share);
        int kept = 0;
        for (int i = 0; i < count; i++) {
            double difference = (double) logits[i] - maximum;
            boolean keep = StrictMath.abs(difference - limit) > AT_THE_LIMIT
                    ? difference > limit
                    : StrictMath.exp(difference) >= share;
            if (keep) {
                move(i, kept++);
            }
        }
        count = kept;
    }

    /** Turns what is left into probabilities; temperature 0 leaves the most probable token alone. */
    public void normalize(double temperature) {
        if (temperature == 0) {
            int best = 0;
            for (int i = 1; i < count; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            move(best, 0);
            count = 1;
            weights[0] = 1;
            return;
        }
        double total = weigh(temperature);
        for (int i = 0; i < count; i++) {
            weights[i] /= total;
        }
    }

    /**
     * The token at which the running sum of the probabilities, ascending by token, first exceeds the uniform number.
     */
    public int draw(double uniform) {
        return tokens[InverseTransform.index(weights, count, uniform)];
    }

    /** Drops the tokens that rounded to a probability of 0. */
    public void keepPossible() {
        int support = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] > 0) {
                tokens[support] = tokens[i];
                weights[support++] = weights[i];
            }
        }
        count = support;
    }

    /** The tokens left, ascending; a copy. */
    public int[] tokens() {
        return Arrays.copyOf(tokens, count);
    }

    /** The probabilities of the tokens left, once they are normalized; a copy. */
    public double[] probabilities() {
        return Arrays.copyOf(weights, count);
    }

    /** Weights exp((logit - maximum) / temperature): 1 for the most probable token. Returns their sum. */
    private double weigh(double temperature) {
        return Softmax.weigh(logits, 0, count, temperature, weights);
    }

    private void rankByLogit() {
        for (int i = 0; i < count; i++) {
            keys[i] = Selection.key(logits[i], i);
        }
    }

    /** Keeps the candidates of the largest keys whose weights first sum to the share of all weights. */
    private void keepMass(double share) {
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += weights[i];
        }
        int selected = Math.min(FIRST_SELECTION, count);
        while (true) {
            double mass = 0;
            for (long key : Selection.largest(keys, count, selected)) {
                mass += weights[Selection.index(key)];
                if (mass >= share * total) {
                    keepDownTo(key);
                    return;
                }
            }
            if (selected == count) {
                return;
            }
            selected = (int) Math.min(16L * selected, count);
        }
    }

    private void keepDownTo(long threshold) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (keys[i] >= threshold) {
                move(i, kept++);
            }
        }
        count = kept;
    }

    private void move(int from, int to) {
        tokens[to] = tokens[from];
        logits[to] = logits[from];
    }
}
