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
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Gives the dense feed-forward part of each layer thresholds: elements of its input, and of what its last matrix reads, count
 * as zero if their magnitude is smaller. Weights stay as they are; those that meet a zero are skipped where one row is
 * computed with plain numbers. The thresholds are quantiles of what is read on the calibration texts. Made by {@link Prune}.
 * Immutable and thread-safe.
 */
public final class ActivationPruning implements Transform {
    private final double share;

    ActivationPruning(double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "a share of " + share + " of the activations: expected 0 up to, but not including, 1");
        }
        this.share = share;
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "prune %.1f%% of feed-forward activations", 100 * share);
    }

    @Override
    public Stage stage() {
        return Stage.SPARSITY;
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        List<LayerConfig> layers = Shapes.layers(model);
        if (layers.stream().allMatch(layer -> layer.feedForward().experts().isPresent())) {
            throw new IllegalArgumentException(
                    name() + ": all layers of this model have experts, which have no thresholds");
        }
        float[] thresholds = new float[2 * layers.size()]; // earlier ones would be seen by the measurement
        model.setMetadata(LatheFormat.withThresholds(model.metadata(), thresholds.clone()));
        LayerSweep sweep = LayerSweep.of(model, context.requireCalibration(name()), context.workers())
                .reporting(context, name());
        while (!sweep.isAtEnd()) {
            int layer = sweep.layer();
            FeedForwardConfig feedForward = layers.get(layer).feedForward();
            if (feedForward.experts().isEmpty()) {
                Map<ActivationSite, Magnitudes> magnitudes = new EnumMap<>(ActivationSite.class);
                sweep.show((site, _, rows) ->
                        magnitudes.computeIfAbsent(site, _ -> new Magnitudes()).add(rows));
                thresholds[2 * layer] =
                        magnitudes.get(ActivationSite.FEED_FORWARD).quantile(share);
                thresholds[2 * layer + 1] =
                        magnitudes.get(ActivationSite.FEED_FORWARD_DOWN).quantile(share);
                model.setMetadata(LatheFormat.withThresholds(model.metadata(), thresholds.clone()));
            }
            sweep.advance();
        }
        recorder.note(
                "no byte is saved; time is where one row at a time meets plain numbers, in matrices of at most a mebibyte"
                        + " or with three quarters of zeros");
        return recorder.report();
    }
}
