package dev.lathe.compress.search;

import dev.lathe.tensor.FloatMatrix;

/**
 * Which channels all texts agree to leave alone: a channel is active for a token where its part of the output is above the
 * average of the channels. One that is active for hardly any token can go for all of them.
 *
 * <p>The inference side of consensus sub-networks (arXiv 2302.10798), which there are learned with gates.
 */
final class Consensus {
    /** Active for fewer tokens than this share: silent. */
    private static final double SILENT = 0.02;

    private final double[] norms; // of what each channel writes
    private final long[] active;
    private long tokens;

    /**
     * No tokens yet.
     *
     * @param down [outputs x channels]
     */
    Consensus(FloatMatrix down) {
        norms = new double[down.columns()];
        active = new long[down.columns()];
        for (int row = 0; row < down.rows(); row++) {
            for (int channel = 0; channel < norms.length; channel++) {
                norms[channel] += (double) down.get(row, channel) * down.get(row, channel);
            }
        }
    }

    /** Adds what the down matrix reads, [tokens x channels]. */
    void add(FloatMatrix rows) {
        double[] energies = new double[norms.length];
        for (int row = 0; row < rows.rows(); row++) {
            double total = 0;
            for (int channel = 0; channel < norms.length; channel++) {
                double value = rows.get(row, channel);
                energies[channel] = value * value * norms[channel];
                total += energies[channel];
            }
            for (int channel = 0; channel < norms.length; channel++) {
                active[channel] += energies[channel] * norms.length > total ? 1 : 0;
            }
        }
        tokens += rows.rows();
    }

    /** The share of channels that are silent. */
    double silentShare() {
        int silent = 0;
        for (long count : active) {
            silent += count < SILENT * tokens ? 1 : 0;
        }
        return (double) silent / active.length;
    }
}
