package dev.lathe.compress.prune;

import dev.lathe.gguf.Metadata;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import java.util.Locale;

/**
 * Gives the gate of each dense feed-forward part a threshold: neurons whose function of the gate has a smaller magnitude are
 * inactive, which is known before their other weights are needed. Weights stay as they are. The thresholds are quantiles on the
 * calibration texts. Made by {@link Prune}. Immutable and thread-safe.
 */
public final class GatePruning extends ThresholdPruning {
    GatePruning(double share) {
        super(share, "neurons", ActivationSite.FEED_FORWARD_GATE);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "prune %.1f%% of neurons by their gates", 100 * share);
    }

    @Override
    boolean takesThresholds(LayerConfig layer) {
        return layer.feedForward().gated() && layer.feedForward().experts().isEmpty();
    }

    @Override
    String refusal() {
        return "no layer of this model has a gate without experts";
    }

    @Override
    Metadata with(Metadata metadata, float[] thresholds) {
        return LatheFormat.withGateThresholds(metadata, thresholds);
    }

    @Override
    String note() {
        return "no byte is saved; under a limit on weights, inactive neurons need not be read";
    }
}
