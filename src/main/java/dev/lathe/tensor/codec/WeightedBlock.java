package dev.lathe.tensor.codec;

import java.util.Arrays;

/**
 * A block's elements and the weights of their squared errors, brought to magnitudes whose squares and sums neither overflow nor
 * vanish: the largest element to between 1 and 2 by a power of two, the largest weight to 1.
 */
final class WeightedBlock {
    /** What an element without importance weighs beside others: it decides where nothing else does. */
    private static final float LEAST_WEIGHT = 1e-9f;

    private final float[] values;
    private final float[] weights;
    private double unit;

    WeightedBlock(int size) {
        values = new float[size];
        weights = new float[size];
    }

    void load(float[] source, int from, float[] importances, int importanceFrom) {
        float greatest = 0;
        for (int i = 0; i < values.length; i++) {
            greatest = Math.max(greatest, Math.abs(source[from + i]));
        }
        unit = Math.scalb(1.0, Math.getExponent((double) greatest)); // of zero: the least
        double inverse = greatest == 0 ? 0 : 1 / unit;
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (source[from + i] * inverse);
        }
        float greatestWeight = 0;
        for (int i = 0; importances != null && i < weights.length; i++) {
            greatestWeight = Math.max(greatestWeight, importances[importanceFrom + i]);
        }
        if (greatestWeight == 0) {
            Arrays.fill(weights, 1);
        } else {
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.max(importances[importanceFrom + i] / greatestWeight, LEAST_WEIGHT);
            }
        }
    }

    /** The scaled elements. */
    float[] values() {
        return values;
    }

    /** The scaled weights, none of them zero. */
    float[] weights() {
        return weights;
    }

    /** A scale in the elements' own magnitude. */
    float unscaled(double scale) {
        return (float) (scale * unit);
    }

    /** The scale that a number of 16 bits in the block can hold and that is nearest to a scale. */
    double half(double scale) {
        return LittleEndian.toHalf(unscaled(scale)) / unit;
    }
}
