package dev.lathe.compress.prune;

import dev.lathe.gguf.Metadata;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import java.util.Locale;

/**
 * Gives the dense feed-forward part of each layer thresholds: elements of its input, and of what its last matrix reads, count
 * as zero if their magnitude is smaller. Weights stay as they are; those that meet a zero are skipped where one row is
 * computed with plain numbers. The thresholds are quantiles of what is read on the calibration texts. Made by {@link Prune}.
 * Immutable and thread-safe.
 */
public final class ActivationPruning extends ThresholdPruning {
    ActivationPruning(double share) {
        super(share, "activations", ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "prune %.1f%% of feed-forward activations", 100 * share);
    }

    @Override
    boolean takesThresholds(LayerConfig layer) {
        return layer.feedForward().experts().isEmpty();
    }

    @Override
    String refusal() {
        return "all layers of this model have experts, which have no thresholds";
    }

    @Override
    Metadata with(Metadata metadata, float[] thresholds) {
        return LatheFormat.withThresholds(metadata, thresholds);
    }

    @Override
    String note() {
        return "no byte is saved; time is where one row at a time meets plain numbers, in matrices of at most a mebibyte"
                + " or with three quarters of zeros";
    }
}
