package dev.lathe.compress.quantize;

import dev.lathe.compress.GramMatrix;

/**
 * What the matrices that read at one site read on the calibration texts.
 *
 * @param importances mean squares of the input channels
 * @param gram sums of the products of the input channels with each other
 */
record SiteInput(float[] importances, GramMatrix gram) {
    static SiteInput of(GramMatrix gram) {
        double[] squares = gram.diagonal();
        float[] means = new float[squares.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (squares[i] / gram.rows());
        }
        return new SiteInput(means, gram);
    }

    /** The same inputs, each channel divided by a scale. */
    SiteInput divided(float[] scales) {
        float[] factors = new float[scales.length];
        for (int i = 0; i < scales.length; i++) {
            factors[i] = 1 / scales[i];
        }
        return of(gram.scaled(factors));
    }
}
