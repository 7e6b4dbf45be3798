package dev.lathe.lab.tune;

import dev.lathe.figures.Summary;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Says when a measured cost is no longer what it was when settings were tuned, so that it is time to tune again: when
 * the median of the last few measurements leaves the tuned cost by more than a tolerance. A median, since a few slow
 * runs are noise. Not thread-safe.
 */
public final class DriftDetector {
    private final double tunedCost;
    private final double tolerance;
    private final int window;
    private final Deque<Double> recent = new ArrayDeque<>();

    /**
     * A detector for settings.
     *
     * @param tunedCost what they cost when tuned, above 0
     * @param tolerance relative change that is no drift, such as 0.1
     * @param window measurements that are looked at, such as what {@link #shortestWindow} says
     */
    public DriftDetector(double tunedCost, double tolerance, int window) {
        if (!(tunedCost > 0 && tolerance >= 0) || window < 1) {
            throw new IllegalArgumentException("tuned cost " + tunedCost + ", tolerance " + tolerance + ", window "
                    + window + ": expected a cost above 0, a tolerance of at least 0 and a window of at least 1");
        }
        this.tunedCost = tunedCost;
        this.tolerance = tolerance;
        this.window = window;
    }

    /** Takes a measurement; returns whether the cost has drifted, which needs a full window. */
    public boolean add(double cost) {
        recent.addLast(cost);
        if (recent.size() > window) {
            recent.removeFirst();
        }
        double median = Summary.of(recent).median();
        return recent.size() == window && Math.abs(median - tunedCost) > tolerance * tunedCost;
    }

    /**
     * The shortest window, from the newest measurement back, whose standard deviation has come within a share of that
     * of the whole history: shorter ones have not seen how much the cost varies, longer ones look at the past for
     * nothing (the variance horizon of nowcasting).
     *
     * @param history newest last, at least two
     * @param share of the history's deviation, such as 0.9
     */
    public static int shortestWindow(double[] history, double share) {
        double whole = Summary.of(history).deviation();
        for (int window = 2; window < history.length; window++) {
            double[] newest = Arrays.copyOfRange(history, history.length - window, history.length);
            if (Summary.of(newest).deviation() >= share * whole) {
                return window;
            }
        }
        return history.length;
    }
}
