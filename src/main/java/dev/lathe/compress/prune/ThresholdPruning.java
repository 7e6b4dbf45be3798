package dev.lathe.compress.prune;

import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LayerConfig;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Gives feed-forward parts thresholds below which a magnitude counts as zero: quantiles of what is read on the calibration
 * texts. Weights stay as they are.
 */
abstract sealed class ThresholdPruning implements Transform permits ActivationPruning, GatePruning {
    final double share;
    private final List<ActivationSite> sites;

    /** Thresholds of each of these sites in every layer, in this order. */
    ThresholdPruning(double share, String what, ActivationSite... sites) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "a share of " + share + " of the " + what + ": expected 0 up to, but not including, 1");
        }
        this.share = share;
        this.sites = List.of(sites);
    }

    @Override
    public final Stage stage() {
        return Stage.SPARSITY;
    }

    /** Whether a layer can have thresholds; the others keep zeros. */
    abstract boolean takesThresholds(LayerConfig layer);

    /** Says that no layer can. */
    abstract String refusal();

    abstract Metadata with(Metadata metadata, float[] thresholds);

    /** Where time or memory is saved. */
    abstract String note();

    @Override
    public final StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        List<LayerConfig> layers = Shapes.layers(model);
        if (layers.stream().noneMatch(this::takesThresholds)) {
            throw new IllegalArgumentException(name() + ": " + refusal());
        }
        float[] thresholds = new float[sites.size() * layers.size()]; // earlier ones would be seen by the measurement
        model.setMetadata(with(model.metadata(), thresholds.clone()));
        LayerSweep sweep = LayerSweep.of(model, context.requireCalibration(name()), context.workers())
                .reporting(context, name());
        while (!sweep.isAtEnd()) {
            int layer = sweep.layer();
            if (takesThresholds(layers.get(layer))) {
                Map<ActivationSite, Magnitudes> magnitudes = new EnumMap<>(ActivationSite.class);
                sites.forEach(site -> magnitudes.put(site, new Magnitudes()));
                sweep.show((site, _, rows) -> {
                    if (magnitudes.containsKey(site)) {
                        magnitudes.get(site).add(rows);
                    }
                });
                for (int i = 0; i < sites.size(); i++) {
                    thresholds[sites.size() * layer + i] =
                            magnitudes.get(sites.get(i)).quantile(share);
                }
                model.setMetadata(with(model.metadata(), thresholds.clone()));
            }
            sweep.advance();
        }
        recorder.note(note());
        return recorder.report();
    }
}
