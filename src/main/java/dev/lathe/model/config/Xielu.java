package dev.lathe.model.config;

import java.util.List;

/**
 * The function xIELU of a layer: above 0 {@code positive x^2 + slope x}, up to 0 {@code negative (exp(min(x, threshold)) - 1 - x) +
 * slope x}. Huang and Schlag, "Deriving Activation Functions Using Integration", 2024, arXiv 2411.13010, section 3.
 *
 * @param positive curvature above 0
 * @param negative factor up to 0
 * @param slope at 0
 * @param threshold a little below 0
 */
public record Xielu(float positive, float negative, float slope, float threshold) {
    /** Keys of the numbers in files, one for all layers or a list with one for each, in the order in which {@link #of} takes them. */
    public static final List<String> KEYS = List.of("xielu.alpha_p", "xielu.alpha_n", "xielu.beta", "xielu.eps");

    /** Checks the numbers. */
    public Xielu {
        if (!Float.isFinite(positive) || !Float.isFinite(negative) || !Float.isFinite(slope) || !(threshold <= 0)) {
            throw new IllegalArgumentException("xIELU has the numbers " + positive + ", " + negative + ", " + slope
                    + " and the threshold " + threshold + ", expected finite ones and a threshold up to 0");
        }
    }

    /** Of the numbers that files hold: those of the two sides stand for their softplus, and the negative one grows by the slope. */
    public static Xielu of(double positive, double negative, double slope, double threshold) {
        return new Xielu(
                (float) softplus(positive), (float) (slope + softplus(negative)), (float) slope, (float) threshold);
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }
}
