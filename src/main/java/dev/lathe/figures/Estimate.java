package dev.lathe.figures;

import java.util.Locale;

/**
 * A number from samples, and the interval that it is in with some confidence. Immutable.
 *
 * @param value the estimate
 * @param low lower end of the interval
 * @param high upper end of the interval
 */
public record Estimate(double value, double low, double high) {
    /** Checks the order of the three. */
    public Estimate {
        if (!(low <= value && value <= high)) {
            throw new IllegalArgumentException(
                    "estimate " + value + " outside of its interval [" + low + ", " + high + "]");
        }
    }

    /** Whether a number lies in the interval. */
    public boolean covers(double number) {
        return low <= number && number <= high;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4g [%.4g, %.4g]", value, low, high);
    }
}
