package dev.lathe.decode.speculative;

import dev.lathe.decode.Distribution;
import dev.lathe.decode.sampling.InverseTransform;
import java.util.Arrays;

/** What is left of a distribution as tokens are taken out of it. */
final class Remainder {
    private final Distribution distribution;
    private final double[] left;
    private double mass;

    Remainder(Distribution distribution) {
        this.distribution = distribution;
        this.left = new double[distribution.size()];
        Arrays.setAll(left, distribution::probabilityAt);
        this.mass = sum();
    }

    /** Probability of the tokens left: exactly 0 if there are none. */
    double mass() {
        return mass;
    }

    /** Probability of a token among those left. */
    double probability(int token) {
        int index = distribution.indexOf(token);
        return index < 0 || left[index] == 0 ? 0 : left[index] / mass;
    }

    /** Draws one of those left. */
    int draw(double uniform) {
        return distribution.token(InverseTransform.index(left, left.length, uniform * mass));
    }

    /** Takes a token out. */
    void remove(int token) {
        int index = distribution.indexOf(token);
        if (index >= 0) {
            left[index] = 0;
            mass = sum();
        }
    }

    private double sum() {
        double sum = 0;
        for (double probability : left) {
            sum += probability;
        }
        return sum;
    }
}
