package dev.lathe.decode.sampling;

import dev.lathe.tensor.Softmax;
import java.util.Arrays;
import java.util.function.DoublePredicate;
import java.util.function.IntToDoubleFunction;

/**
 * The tokens that may still be chosen, ascending by token, and the steps that thin them out. All sums run in double
 * precision in the order of the tokens, or of the probabilities where that is what a step walks. Reused from token to
 * token.
 */
public class Candidates {
    private static final int FIRST_SELECTION = 256;
    private static final double AT_THE_LIMIT = 1e-9; // far above the rounding of logarithms and exponentials

    private int count;
    private int[] tokens = {};
    private float[] logits = {};
    private double[] weights = {};
    private long[] keys = {};
    private float[] adjusted = {};

    /** A copy of a row, from index 0 on, that may be changed until the next one. */
    public float[] copy(float[] logits, int offset, int vocabularySize) {
        if (adjusted.length < vocabularySize) {
            adjusted = new float[vocabularySize];
        }
        System.arraycopy(logits, offset, adjusted, 0, vocabularySize);
        return adjusted;
    }

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

    /**
     * Keeps the most probable tokens whose mass first reaches the share. Only theirs are exact exponentials, unless the
     * estimate of all leaves a doubt.
     */
    void keepTopP(double share) {
        float maximum = Softmax.largest(logits, 0, count);
        double estimate = 0;
        for (int i = 0; i < count; i++) {
            estimate += ExponentialEstimate.of((double) logits[i] - maximum);
        }
        rankByLogit();
        Total total = new Total(estimate);
        keepMass(i -> exponential((double) logits[i] - maximum), mass -> total.reaches(mass, share));
    }

    /** The sum of all weights at temperature 1: an estimate, and exact where that leaves a doubt. */
    private final class Total {
        private final double least;
        private final double most;
        private double exact = Double.NaN;

        Total(double estimate) {
            least = estimate * (1 - 2 * ExponentialEstimate.ERROR);
            most = estimate * (1 + 2 * ExponentialEstimate.ERROR);
        }

        /** Whether {@code mass >= share * total}, computed with the exact sum. */
        boolean reaches(double mass, double share) {
            if (mass >= share * most || mass < share * least) {
                return mass >= share * most;
            }
            exact = Double.isNaN(exact) ? weigh(1) : exact;
            return mass >= share * exact;
        }
    }

    /** Keeps the tokens whose information content is nearest to the entropy, whose mass first reaches the share. */
    void keepTypical(double share) {
        double total = weigh(1);
        double logTotal = StrictMath.log(total);
        float maximum = Softmax.largest(logits, 0, count);
        double entropy = 0;
        double normalizer = StrictMath.exp(logTotal);
        for (int i = 0; i < count; i++) {
            entropy -= weights[i] / normalizer * ((double) logits[i] - maximum - logTotal);
        }
        for (int i = 0; i < count; i++) {
            double information = logTotal - ((double) logits[i] - maximum);
            keys[i] = Selection.key(-(float) StrictMath.abs(information - entropy), i);
        }
        keepMass(i -> weights[i], mass -> mass >= share * total);
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
                    : exponential(difference) >= share;
            if (keep) {
                move(i, kept++);
            }
        }
        count = kept;
    }

    /**
     * The token that a uniform number stands for: that of {@link #normalize} and {@link #draw(double)}. Estimates tell
     * it, unless the number is too near to where the token's share of the probabilities begins or ends.
     */
    public int draw(double temperature, double uniform) {
        if (temperature == 0) {
            normalize(0);
            return tokens[0];
        }
        float maximum = Softmax.largest(logits, 0, count);
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += ExponentialEstimate.of(((double) logits[i] - maximum) / temperature);
            weights[i] = total;
        }
        double doubt = 4 * ExponentialEstimate.ERROR * total;
        double wanted = uniform * total;
        int index = firstAbove(wanted + doubt);
        if (index < count && (index == 0 || weights[index - 1] <= wanted - doubt)) {
            return tokens[index];
        }
        normalize(temperature);
        return draw(uniform);
    }

    /** The first candidate whose weight, of weights that ascend, is above a limit; the number of candidates if none is. */
    private int firstAbove(double limit) {
        int from = 0;
        int to = count;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (weights[middle] > limit) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
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
    protected double weigh(double temperature) {
        return Softmax.weigh(logits, 0, count, temperature, weights);
    }

    /** {@link StrictMath#exp}, which takes as long as a dozen estimates. */
    protected double exponential(double x) {
        return StrictMath.exp(x);
    }

    private void rankByLogit() {
        for (int i = 0; i < count; i++) {
            keys[i] = Selection.key(logits[i], i);
        }
    }

    /** Keeps the candidates of the largest keys whose weights first sum to what is enough. */
    private void keepMass(IntToDoubleFunction weight, DoublePredicate enough) {
        int selected = Math.min(FIRST_SELECTION, count);
        while (true) {
            double mass = 0;
            for (long key : Selection.largest(keys, count, selected)) {
                mass += weight.applyAsDouble(Selection.index(key));
                if (enough.test(mass)) {
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
