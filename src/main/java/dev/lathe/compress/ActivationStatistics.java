package dev.lathe.compress;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the linear layers of one decoder layer read: per input channel the sum of squares, and where asked the Gram matrix,
 * all in float64. Immutable once collected; texts are added in their order, so the sums do not depend on the threads.
 */
public final class ActivationStatistics {
    private final Map<ActivationSite, double[]> squares = new EnumMap<>(ActivationSite.class);
    private final Map<ActivationSite, GramMatrix> grams = new EnumMap<>(ActivationSite.class);
    private long rows;

    private ActivationStatistics() {}

    /**
     * Runs a layer over all texts and collects.
     *
     * @param layer the layer, with the weights it shall be measured with
     * @param hidden for each text its hidden rows before the layer [tokens x hidden]; replaced by those after it
     * @param gramSites where to collect Gram matrices
     */
    public static ActivationStatistics collect(
            LayerwiseModel.Layer layer, List<FloatMatrix> hidden, Set<ActivationSite> gramSites, Workers workers) {
        ActivationStatistics statistics = new ActivationStatistics();
        hidden.replaceAll(text -> {
            statistics.rows += text.rows();
            return layer.run(text, (site, rows) -> statistics.add(site, rows, gramSites.contains(site), workers));
        });
        return statistics;
    }

    private void add(ActivationSite site, FloatMatrix rows, boolean gram, Workers workers) {
        double[] sums = squares.computeIfAbsent(site, key -> new double[rows.columns()]);
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
        ordered.rows = rows;
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

    /** Rows seen at each site. */
    public long rows() {
        return rows;
    }

    /** The sum of squares of each input channel; a copy. */
    public double[] squares(ActivationSite site) {
        return squares.get(site).clone();
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
