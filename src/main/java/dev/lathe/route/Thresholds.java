package dev.lathe.route;

/** Comparisons that routers, cascades and their curves share. */
final class Thresholds {
    private Thresholds() {}

    static double[] checked(double... thresholds) {
        if (thresholds.length == 0) {
            throw new IllegalArgumentException("no thresholds: expected one for each candidate but the last");
        }
        for (double threshold : thresholds) {
            if (Double.isNaN(threshold)) {
                throw new IllegalArgumentException("a threshold is NaN: expected a number to compare with");
            }
        }
        return thresholds.clone();
    }

    static boolean isReached(double score, double threshold) {
        if (Double.isNaN(score)) {
            throw new IllegalArgumentException("a score is NaN: expected a number to compare with a threshold");
        }
        return score >= threshold;
    }
}
