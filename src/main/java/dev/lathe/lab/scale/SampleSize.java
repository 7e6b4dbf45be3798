package dev.lathe.lab.scale;

import dev.lathe.figures.Summary;
import org.apache.commons.math3.distribution.NormalDistribution;

/** How many texts an estimate needs: from how much a few of them vary. */
public final class SampleSize {
    private SampleSize() {}

    /**
     * The number of texts whose mean is, with 95% confidence, within a distance of that of all of them.
     *
     * @param pilot what a few texts gave, such as each one's loss; at least two
     * @param distance from the mean of all, above 0
     * @param all how many texts there are to draw from, without putting back
     */
    public static long forError(double[] pilot, double distance, long all) {
        if (pilot.length < 2 || !(distance > 0) || all < pilot.length) {
            throw new IllegalArgumentException(pilot.length + " pilot texts of " + all + ", distance " + distance
                    + ": expected at least two, no more than all, and a distance above 0");
        }
        double deviation = Summary.of(pilot).deviation();
        double half = new NormalDistribution().inverseCumulativeProbability(0.975) * deviation / distance;
        double infinite = half * half;
        return Math.clamp((long) Math.ceil(infinite / (1 + (infinite - 1) / all)), 1, all);
    }
}
