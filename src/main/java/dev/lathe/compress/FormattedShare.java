package dev.lathe.compress;

import java.math.BigDecimal;

/** Shares as a reader expects them. */
final class FormattedShare {
    private FormattedShare() {}

    /** 0.25 as {@code 25}, 0.125 as {@code 12.5}. */
    static String percent(double share) {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString();
    }
}
