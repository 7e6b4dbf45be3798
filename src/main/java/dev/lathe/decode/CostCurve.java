package dev.lathe.decode;

import java.util.Arrays;

/**
 * What passes of so many rows cost: the least of the last few measurements, since other load on the machine and code that is
 * not compiled yet only ever add time. What is not measured again for long falls slowly, so that it is tried again, and is
 * then believed at once; and no estimate is above that of as many passes of one row.
 */
final class CostCurve {
    private static final int RECENT = 4;
    private static final int STALE = 64;
    private static final double MOST_RISE = 2;
    private static final double AGEING = 0.9997;

    /** Never measured counts of rows are taken to cost little more than the next smaller one: so they are tried. */
    private static final double SLOPE = 0.08;

    private final double[] estimates;
    private final double[][] recent; // [rows][RECENT] the last measurements, or infinity
    private final long[] counts; // measurements of so many rows
    private final long[] seenAt;
    private long passes;

    CostCurve(int mostRows) {
        estimates = new double[mostRows + 1];
        recent = new double[mostRows + 1][RECENT];
        counts = new long[mostRows + 1];
        seenAt = new long[mostRows + 1];
    }

    void observe(int rows, long nanos) {
        if (rows >= estimates.length) {
            return;
        }
        passes++;
        for (int other = 2; other < estimates.length; other++) {
            estimates[other] *= AGEING;
        }
        if (counts[rows] == 0 || passes - seenAt[rows] > STALE) {
            Arrays.fill(recent[rows], Double.POSITIVE_INFINITY);
        }
        double most = counts[rows] == 0 ? Double.POSITIVE_INFINITY : MOST_RISE * estimates[rows];
        recent[rows][(int) (counts[rows]++ % RECENT)] = Math.min(nanos, most);
        estimates[rows] = Arrays.stream(recent[rows]).min().getAsDouble();
        seenAt[rows] = passes;
    }

    /** Whether anything was measured. */
    boolean isKnown() {
        return largestKnown(estimates.length - 1) > 0;
    }

    /** Nanoseconds of a pass; 0 as long as nothing was measured. */
    double at(int rows) {
        double estimate = interpolated(rows);
        return estimates[1] == 0 ? estimate : Math.min(estimate, rows * estimates[1]);
    }

    /** Nanoseconds that a few more rows add to a pass, for each of them: the fewest, as rows may go in groups. */
    double slope(int rows, int more) {
        double slope = Double.POSITIVE_INFINITY;
        for (int added = 1; added <= more; added++) {
            slope = Math.min(slope, (at(rows + added) - at(rows)) / added);
        }
        return Math.max(0, slope);
    }

    private double interpolated(int rows) {
        int below = largestKnown(rows);
        int above = smallestKnown(rows);
        if (below == rows || above == estimates.length && below == 0) {
            return estimates[below];
        }
        if (above == estimates.length) {
            return estimates[below] * (1 + SLOPE * (rows - below));
        }
        double share = below == 0 ? 1 : (double) (rows - below) / (above - below);
        return share * estimates[above] + (1 - share) * estimates[below];
    }

    private int largestKnown(int rows) {
        int known = Math.min(rows, estimates.length - 1);
        while (known > 0 && estimates[known] == 0) {
            known--;
        }
        return known;
    }

    private int smallestKnown(int rows) {
        int known = rows;
        while (known < estimates.length && estimates[known] == 0) {
            known++;
        }
        return Math.min(known, estimates.length);
    }
}
