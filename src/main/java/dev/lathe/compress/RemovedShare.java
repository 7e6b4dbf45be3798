package dev.lathe.compress;

import java.math.BigDecimal;

/** Shares of a model that transforms remove. */
public final class RemovedShare {
    private RemovedShare() {}

    /**
     * Checks a share.
     *
     * @throws IllegalArgumentException unless it is at least 0 and less than 1
     */
    public static double require(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("removing a share of " + share + ": expected 0 <= share < 1");
        }
        return share;
    }

    /** A share in percent: 0.25 as {@code 25}, 0.125 as {@code 12.5}. */
    public static String percent(double share) {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString();
    }
}
