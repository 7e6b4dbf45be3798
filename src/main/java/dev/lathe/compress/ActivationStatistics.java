package dev.lathe.compress;

import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the linear layers of one decoder layer read: per input channel the sum of squares, and where asked the Gram matrix,
 * all in float64; of experts each on the rows of the tokens that chose it. Immutable once collected; sequences are added in
 * their order, so the sums do not depend on the threads.
 *
 * <p>An expert that no token chose has the statistics of one row of uncorrelated ones, so that its weights count by their own
 * size.
 */
public final class ActivationStatistics {
    private record Place(ActivationSite site, int expert) {}

    private final Map<Place, double[]> squares = new HashMap<>();
    private final Map<Place, GramMatrix> grams = new HashMap<>();
    private final Map<Place, Long> rowCounts = new HashMap<>();
    private final Map<ActivationSite, Integer> columns = new EnumMap<>(ActivationSite.class);
    private final Set<ActivationSite> gramSites = EnumSet.noneOf(ActivationSite.class);

    ActivationStatistics() {}

    /** Adds what a layer reads that it observes, with Gram matrices at some sites. */
    ActivationObserver observer(Set<ActivationSite> gramSites, Workers workers) {
        return (site, expert, rows) -> add(new Place(site, expert), rows, gramSites.contains(site), workers);
    }

    private void add(Place place, FloatMatrix rows, boolean gram, Workers workers) {
        columns.put(place.site(), rows.columns());
        double[] sums = squares.computeIfAbsent(place, key -> new double[rows.columns()]);
        rowCounts.merge(place, (long) rows.rows(), Long::sum);
        for (int row = 0; row < rows.rows(); row++) {
            int offset = rows.offset(row);
            for (int column = 0; column < sums.length; column++) {
                double value = rows.data()[offset + column];
                sums[column] += value * value;
            }
        }
        if (gram) {
            gramSites.add(place.site());
            grams.computeIfAbsent(place, key -> new GramMatrix(rows.columns())).add(rows, workers);
        }
    }

    /** The statistics that rows would have given whose element i at a site is the element {@code order[i]} of these. */
    public ActivationStatistics ordered(ActivationSite site, int[] order) {
        ActivationStatistics ordered = new ActivationStatistics();
        ordered.rowCounts.putAll(rowCounts);
        ordered.squares.putAll(squares);
        ordered.grams.putAll(grams);
        ordered.columns.putAll(columns);
        ordered.gramSites.addAll(gramSites);
        Place place = new Place(site, 0);
        ordered.squares.computeIfPresent(place, (key, sums) -> {
            double[] result = new double[order.length];
            Arrays.setAll(result, i -> sums[order[i]]);
            return result;
        });
        ordered.grams.computeIfPresent(place, (key, gram) -> gram.ordered(order));
        return ordered;
    }

    /** Rows seen at a site. */
    public long rows(ActivationSite site) {
        return rows(site, 0);
    }

    /** Rows that an expert saw at a site. */
    public long rows(ActivationSite site, int expert) {
        return rowCounts.getOrDefault(new Place(site, expert), 0L);
    }

    /** The sum of squares of each input channel; a copy. */
    public double[] squares(ActivationSite site) {
        return squares(site, 0);
    }

    /** The sum of squares of each input channel of an expert; a copy. */
    public double[] squares(ActivationSite site, int expert) {
        double[] sums = squares.get(new Place(site, expert));
        if (sums == null) {
            sums = new double[requireColumns(site)];
            Arrays.fill(sums, 1);
            return sums;
        }
        return sums.clone();
    }

    /** The mean square of each input channel. */
    public float[] meanSquares(ActivationSite site) {
        return meanSquares(site, 0);
    }

    /** The mean square of each input channel of an expert. */
    public float[] meanSquares(ActivationSite site, int expert) {
        double[] sums = squares(site, expert);
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / Math.max(1, rows(site, expert)));
        }
        return means;
    }

    private int requireColumns(ActivationSite site) {
        Integer size = columns.get(site);
        if (size == null) {
            throw new IllegalArgumentException("no row was seen at " + site + ", only at " + columns.keySet());
        }
        return size;
    }

    /** The sites whose Gram matrices were collected. */
    public Set<ActivationSite> gramSites() {
        return Collections.unmodifiableSet(gramSites);
    }

    /**
     * The Gram matrix of a site.
     *
     * @throws IllegalArgumentException if it was not collected
     */
    public GramMatrix gram(ActivationSite site) {
        return gram(site, 0);
    }

    /**
     * The Gram matrix of an expert's rows at a site.
     *
     * @throws IllegalArgumentException if it was not collected
     */
    public GramMatrix gram(ActivationSite site, int expert) {
        if (!gramSites.contains(site)) {
            throw new IllegalArgumentException("no Gram matrix of " + site + " was collected, only of " + gramSites);
        }
        GramMatrix gram = grams.get(new Place(site, expert));
        return gram == null ? GramMatrix.identity(requireColumns(site)) : gram;
    }
}
