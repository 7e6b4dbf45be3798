package dev.lathe.compress.prune;

import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Gives the gate of each dense feed-forward part a threshold: neurons whose function of the gate has a smaller magnitude are
 * inactive, which is known before their other weights are needed. Weights stay as they are. The thresholds are quantiles on the
 * calibration texts. Made by {@link Prune}. Immutable and thread-safe.
 */
public final class GatePruning implements Transform {
    private final double share;

    GatePruning(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "a share of " + share + " of the neurons: expected 0 up to, but not including, 1");
        }
        this.share = share;
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "prune %.1f%% of neurons by their gates", 100 * share);
    }

    @Override
    public Stage stage() {
        return Stage.SPARSITY;
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        List<LayerConfig> layers = Shapes.layers(model);
        if (layers.stream().noneMatch(GatePruning::hasGate)) {
            throw new IllegalArgumentException(name() + ": no layer of this model has a gate without experts");
        }
        float[] thresholds = new float[layers.size()]; // earlier ones would be seen by the measurement
        model.setMetadata(LatheFormat.withGateThresholds(model.metadata(), thresholds.clone()));
        LayerSweep sweep = LayerSweep.of(model, context.requireCalibration(name()), context.workers())
                .reporting(context, name());
        while (!sweep.isAtEnd()) {
            int layer = sweep.layer();
            if (hasGate(layers.get(layer))) {
                Magnitudes magnitudes = new Magnitudes();
                sweep.show((site, _, rows) -> {
                    if (site == ActivationSite.FEED_FORWARD_GATE) {
                        magnitudes.add(rows);
                    }
                });
                thresholds[layer] = magnitudes.quantile(share);
                model.setMetadata(LatheFormat.withGateThresholds(model.metadata(), thresholds.clone()));
            }
            sweep.advance();
        }
        recorder.note("no byte is saved; under a limit on weights, inactive neurons need not be read");
        return recorder.report();
    }

    private static boolean hasGate(LayerConfig layer) {
        FeedForwardConfig feedForward = layer.feedForward();
        return feedForward.gated() && feedForward.experts().isEmpty();
    }
}
