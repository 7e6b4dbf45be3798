package dev.lathe.decode.speculative;

import java.util.Arrays;

/**
 * What passes cost by their rows: no more than a pass of more rows, and no more than as many passes of one row. Counts
 * never measured lie between their neighbours.
 */
final class CostCurve {
    private final RecentTimes[] measured; // [rows]
    private final double[] nanos; // [rows]
    private final double slope;

    /**
     * Nothing measured yet.
     *
     * @param slope what a row more adds, as a share, where no more rows were measured: little, so that they are tried
     */
    CostCurve(int mostRows, double slope) {
        this.slope = slope;
        measured = new RecentTimes[mostRows + 1];
        Arrays.setAll(measured, rows -> new RecentTimes());
        nanos = new double[mostRows + 1];
    }

    void observe(int rows, long measurement) {
        if (rows < nanos.length) {
            measured[rows].add(measurement);
            estimate();
        }
    }

    /** Whether a pass of one row was measured, without which nothing can be planned. */
    boolean isKnown() {
        return measured[1].isKnown();
    }

    /** Nanoseconds of a pass; 0 as long as nothing was measured. */
    double at(int rows) {
        return nanos[rows];
    }

    private void estimate() {
        int known = 0;
        for (int rows = 1; rows < nanos.length; rows++) {
            if (measured[rows].isKnown()) {
                nanos[rows] = measured[rows].least();
                for (int between = known + 1; known > 0 && between < rows; between++) {
                    double share = (double) (between - known) / (rows - known);
                    nanos[between] = nanos[known] + share * (nanos[rows] - nanos[known]);
                }
                known = rows;
            } else {
                nanos[rows] = nanos[known] * (1 + slope * (rows - known));
            }
        }
        double ofMore = Double.POSITIVE_INFINITY;
        for (int rows = nanos.length - 1; rows > 0; rows--) {
            double ofOnes = isKnown() ? rows * measured[1].least() : Double.POSITIVE_INFINITY;
            nanos[rows] = Math.min(nanos[rows], Math.min(ofMore, ofOnes));
            ofMore = nanos[rows];
        }
    }
}
