package dev.lathe.decode;

import java.util.Arrays;

/**
 * What passes cost by their rows: no more than as many passes of one row. More rows never cost less: where measurements say so,
 * they are averaged (isotonic regression by pooling adjacent violators; Ayer, Brunk, Ewing, Reid, Silverman, 1955). Counts never
 * measured lie between their neighbours.
 */
final class CostCurve {
    /** Counts above all measured ones are taken to cost little more: so they are tried. */
    private static final double SLOPE = 0.08;

    private final RecentTimes[] measured; // [rows]
    private final double[] nanos; // [rows]

    CostCurve(int mostRows) {
        measured = new RecentTimes[mostRows + 1];
        Arrays.setAll(measured, rows -> new RecentTimes());
        nanos = new double[mostRows + 1];
    }

    void observe(int rows, long measurement) {
        if (rows < nanos.length) {
            measured[rows].add(measurement);
            pool();
            interpolate();
        }
    }

    /** Whether a pass of one row was measured, without which nothing can be planned. */
    boolean isKnown() {
        return measured[1].count() > 0;
    }

    /** Nanoseconds of a pass; 0 as long as nothing was measured. */
    double at(int rows) {
        return nanos[rows];
    }

    /** Sets the counts that were measured. */
    private void pool() {
        int[] first = new int[nanos.length]; // [pool] its least count of rows
        double[] weights = new double[nanos.length];
        double[] sums = new double[nanos.length];
        int pools = 0;
        for (int rows = 1; rows < nanos.length; rows++) {
            if (measured[rows].count() == 0) {
                continue;
            }
            first[pools] = rows;
            weights[pools] = measured[rows].count();
            double bound = isKnown() ? rows * measured[1].least() : Double.POSITIVE_INFINITY;
            sums[pools] = weights[pools] * Math.min(measured[rows].least(), bound);
            pools++;
            while (pools > 1 && sums[pools - 2] / weights[pools - 2] > sums[pools - 1] / weights[pools - 1]) {
                pools--;
                weights[pools - 1] += weights[pools];
                sums[pools - 1] += sums[pools];
            }
        }
        for (int pool = 0; pool < pools; pool++) {
            int end = pool + 1 < pools ? first[pool + 1] : nanos.length;
            Arrays.fill(nanos, first[pool], end, sums[pool] / weights[pool]);
        }
    }

    /** Sets the others. */
    private void interpolate() {
        int known = 0;
        for (int rows = 1; rows < nanos.length; rows++) {
            if (measured[rows].count() > 0) {
                for (int between = known + 1; known > 0 && between < rows; between++) {
                    double share = (double) (between - known) / (rows - known);
                    nanos[between] = nanos[known] + share * (nanos[rows] - nanos[known]);
                }
                known = rows;
            } else {
                nanos[rows] = nanos[known] * (1 + SLOPE * (rows - known));
            }
        }
    }
}
