package dev.lathe.compress;

import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * What the linear layers of one decoder layer read: per input channel the sum of squares, and where asked the Gram matrix,
 * all in float64. Immutable once collected; sequences are added in their order, so the sums do not depend on the threads.
 */
public final class ActivationStatistics {
    private final Map<ActivationSite, double[]> squares = new EnumMap<>(ActivationSite.class);
    private final Map<ActivationSite, GramMatrix> grams = new EnumMap<>(ActivationSite.class);
    private final Map<ActivationSite, Long> rowCounts = new EnumMap<>(ActivationSite.class);

    ActivationStatistics() {}

    /** Adds what a layer reads that it observes, with Gram matrices at some sites. */
    ActivationObserver observer(Set<ActivationSite> gramSites, Workers workers) {
        return (site, rows) -> add(site, rows, gramSites.contains(site), workers);
    }

    private void add(ActivationSite site, FloatMatrix rows, boolean gram, Workers workers) {
        double[] sums = squares.computeIfAbsent(site, key -> new double[rows.columns()]);
        rowCounts.merge(site, (long) rows.rows(), Long::sum);
        for (int row = 0; row < rows.rows(); row++) {
            int offset = rows.offset(row);
            for (int column = 0; column < sums.length; column++) {
                double value = rows.data()[offset + column];
                sums[column] += value * value;
            }
        }
        if (gram) {
            grams.computeIfAbsent(site, key -> new GramMatrix(rows.columns())).add(rows, workers);
        }
    }

    /** The statistics that rows would have given whose element i at a site is the element {@code order[i]} of these. */
    public ActivationStatistics ordered(ActivationSite site, int[] order) {
        ActivationStatistics ordered = new ActivationStatistics();
        ordered.rowCounts.putAll(rowCounts);
        ordered.squares.putAll(squares);
        ordered.grams.putAll(grams);
        ordered.squares.computeIfPresent(site, (key, sums) -> {
            double[] result = new double[order.length];
            Arrays.setAll(result, i -> sums[order[i]]);
            return result;
        });
        ordered.grams.computeIfPresent(site, (key, gram) -> gram.ordered(order));
        return ordered;
    }

    /** Rows seen at a site. */
    public long rows(ActivationSite site) {
        return rowCounts.getOrDefault(site, 0L);
    }

    /** The sum of squares of each input channel; a copy. */
    public double[] squares(ActivationSite site) {
        return squares.get(site).clone();
    }

    /** The mean square of each input channel. */
    public float[] meanSquares(ActivationSite site) {
        double[] sums = squares.get(site);
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / rows(site));
        }
        return means;
    }

    /** The sites whose Gram matrices were collected. */
    public Set<ActivationSite> gramSites() {
        return Collections.unmodifiableSet(grams.keySet());
    }

    /**
     * The Gram matrix of a site.
     *
     * @throws IllegalArgumentException if it was not collected
     */
    public GramMatrix gram(ActivationSite site) {
        GramMatrix gram = grams.get(site);
        if (gram == null) {
            throw new IllegalArgumentException(
                    "no Gram matrix of " + site + " was collected, only of " + grams.keySet());
        }
        return gram;
    }
}
